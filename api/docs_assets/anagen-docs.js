// Starts the documentation page. An own file, so that the page needs no inline script.
window.addEventListener("load", function () {
  window.SwaggerUIBundle({
    url: document.querySelector('link[rel="service-desc"]').href,
    dom_id: "#documentation",
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    validatorUrl: null, // never send the document to a validator elsewhere
    persistAuthorization: false, // a credential is gone when the page is closed
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
  });
});
