FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/replydesk
COPY requirements-run.lock ./
RUN /opt/replydesk/bin/pip install --no-cache-dir --require-hashes -r requirements-run.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY integrations integrations
COPY prompts prompts
RUN /opt/replydesk/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home replydesk \
    && install -d -o replydesk -g replydesk /data
COPY --from=build /opt/replydesk /opt/replydesk
ENV PATH=/opt/replydesk/bin:$PATH PYTHONUNBUFFERED=1 PORT=8080
USER replydesk
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=2)"]
ENTRYPOINT ["replydesk"]
CMD ["run"]
