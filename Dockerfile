# Two stages: the first installs the hashed lock, the second carries only what runs.
# Nothing is fetched but the packages of requirements.lock; no compiler, no download tool.
#   docker build -t anagen . && docker run -p 8000:8000 -v anagen:/data -e ANAGEN_SECRET_KEY=… anagen
FROM python:3.13-slim-bookworm AS packages

ENV PYTHONDONTWRITEBYTECODE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
COPY requirements.lock /tmp/requirements.lock
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --require-hashes --only-binary :all: -r /tmp/requirements.lock \
    && printf '%s\n' '#!/opt/venv/bin/python' 'import sys' 'from api.cli import main' \
        'sys.exit(main())' > /opt/venv/bin/anagen \
    && chmod 0755 /opt/venv/bin/anagen


FROM python:3.13-slim-bookworm

LABEL org.opencontainers.image.title="Anagen" \
      org.opencontainers.image.description="Treatment-management REST API for mesotherapy clinics" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"

# A fixed number, so that a volume's owner and a runAsNonRoot policy can name it.
RUN groupadd --system --gid 10001 anagen \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin anagen \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data

COPY --from=packages /opt/venv /opt/venv
COPY LICENSE pyproject.toml /app/
COPY api /app/api
COPY models /app/models
COPY rules /app/rules
COPY alembic /app/alembic
# The root file system is read-only at run time: what a start would compile is compiled here.
RUN python -m compileall -q /app

# The root file system may be read-only: everything that is written is under /data.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ANAGEN_ENVIRONMENT=production \
    ANAGEN_DATABASE_URL=sqlite:////data/anagen.sqlite3
WORKDIR /data
VOLUME ["/data"]
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=15s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]

# `serve` migrates the embedded database itself; on PostgreSQL it refuses to start on a schema
# that is behind, so that `anagen db upgrade` runs once, before the workers (see compose.yaml).
CMD ["anagen", "serve", "--host", "0.0.0.0", "--port", "8000"]
