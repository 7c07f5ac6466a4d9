# One image for every process of Pult; `compose.yaml` starts them. For a look at Pult no container is needed: `make up`.
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PULT_DATA_DIR=/data PATH=/pult/.venv/bin:$PATH

RUN groupadd --system --gid 10001 pult \
 && useradd --system --uid 10001 --gid pult --home-dir /pult --shell /usr/sbin/nologin pult \
 && install -d -o pult -g pult -m 0700 /data

WORKDIR /pult
# Packages first: they change seldom, so that an update of Pult builds in seconds.
COPY requirements/base.txt requirements/base.in requirements/
RUN python -m venv .venv && .venv/bin/pip install --quiet --require-hashes -r requirements/base.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN .venv/bin/pip install --quiet --no-deps --no-build-isolation -e . \
 && .venv/bin/python -c "from pult.config.texts import compile_texts; compile_texts()" \
 && .venv/bin/python -m compileall -q src

USER pult
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["pult", "web"]
