# limner in a container: docker build -t limner . && docker run -p 8080:8080 -v limner:/data limner
#
# The first stage builds a wheel with the art pack inside; nothing of node, npm or a compiler reaches the second one.
FROM python:3.11-slim AS builder
WORKDIR /src
COPY pyproject.toml hatch_build.py README.md LICENSE NOTICE requirements.lock ./
COPY artpack artpack
COPY limner limner
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
 && pip install --no-cache-dir --require-hashes --no-deps --prefix /install -r requirements.lock \
 && pip install --no-cache-dir --no-deps --prefix /install /wheels/*.whl

FROM python:3.11-slim
COPY --from=builder /install /usr/local
RUN useradd --system --uid 10001 --home-dir /data --create-home limner
USER limner
WORKDIR /data
ENV LIMNER_HOST=0.0.0.0 \
    LIMNER_PORT=8080 \
    LIMNER_DATA=/data \
    PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"LIMNER_PORT\"]}/healthz', timeout=2)"]
ENTRYPOINT ["limner"]
CMD ["serve"]
