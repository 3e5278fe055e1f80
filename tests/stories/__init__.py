"""The main job told over HTTP, by nothing but the public API."""
