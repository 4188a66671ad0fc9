# The pack as a container image.
#
#   docker build --tag flyte-slack .
#   docker run --env FLYTE_API=http://flyte:8080 --env FLYTE_SLACK_TOKEN=xoxb-... flyte-slack
#
# It runs as a user without privileges, and as any other: `--user 0` for volumes of the old image, which belong
# to root, or a random one as OpenShift gives. It needs no home directory, and writes nowhere but in the backup
# directory: $FLYTE_SLACK_BACKUP_DIR, by default /tmp/flyte-slack; mount a volume there to keep the list of
# channels. The root file system may be read-only.
#
# With `--build-arg REQUIREMENTS=sandbox` the image can also do this, without Flyte and Slack:
#   docker run --no-healthcheck flyte-slack sandbox --headless --json

ARG PYTHON_VERSION=3.13

FROM python:${PYTHON_VERSION}-slim AS build
ARG REQUIREMENTS=run
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
# The environment is made without pip of its own: nothing can be installed into the finished image.
RUN python -m venv --without-pip /opt/flyte-slack
COPY requirements/ requirements/
RUN python -m pip --python /opt/flyte-slack/bin/python install --require-hashes \
        --requirement "requirements/${REQUIREMENTS}.txt" \
    && python -m pip install --require-hashes --requirement requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY examples/ examples/
COPY pack/ pack/
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && python -m pip --python /opt/flyte-slack/bin/python install --no-deps dist/*.whl

FROM python:${PYTHON_VERSION}-slim
LABEL org.opencontainers.image.title="flyte-slack" \
      org.opencontainers.image.description="The Slack pack for Flyte" \
      org.opencontainers.image.licenses="Apache-2.0"
# A new named volume takes its owner and mode from the directory that it is mounted on, so both of the usual
# places for the backup are here, and every user may write to them.
RUN mkdir --mode=0777 /tmp/flyte-slack /flyte-slack \
    && chgrp 0 /tmp/flyte-slack /flyte-slack
COPY --from=build /opt/flyte-slack /opt/flyte-slack
ENV PATH=/opt/flyte-slack/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER 10001:0
WORKDIR /
EXPOSE 8090
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["flyte-slack", "health"]
ENTRYPOINT ["flyte-slack"]
CMD ["run"]
