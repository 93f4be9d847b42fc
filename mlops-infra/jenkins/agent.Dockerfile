# An agent: Terraform, Python, Groovy, and the pinned packages in uv's cache, so that
# `make .venv/installed` takes seconds. Build in the project's folder:
# docker build -f mlops-infra/jenkins/agent.Dockerfile .
FROM jenkins/inbound-agent:3327.v868139a_d00e0-7

ARG TERRAFORM_VERSION=1.11.4
ARG UV_VERSION=0.13.8

USER root
SHELL ["/bin/bash", "-o", "pipefail", "-c"]

# Versions of Debian's packages are those of the base image's release.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        curl git groovy make nodejs npm python3 python3-venv unzip \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /tmp/terraform
RUN base="https://releases.hashicorp.com/terraform/${TERRAFORM_VERSION}" \
    && name="terraform_${TERRAFORM_VERSION}" \
    && curl --fail --silent --show-error --remote-name "${base}/${name}_linux_amd64.zip" \
    && curl --fail --silent --show-error --remote-name "${base}/${name}_SHA256SUMS" \
    && sha256sum --check --ignore-missing "${name}_SHA256SUMS" \
    && unzip -q "${name}_linux_amd64.zip" terraform -d /usr/local/bin \
    && rm -rf /tmp/terraform/*

ENV UV_CACHE_DIR=/home/jenkins/.cache/uv \
    TF_PLUGIN_CACHE_DIR=/home/jenkins/.cache/terraform \
    AWS_EC2_METADATA_DISABLED=true
COPY --chown=jenkins:jenkins requirements.lock checkov.lock /opt/promotion/

USER jenkins
WORKDIR /home/jenkins
RUN mkdir -p "${TF_PLUGIN_CACHE_DIR}" \
    && python3 -m venv /tmp/warm \
    && /tmp/warm/bin/pip install --no-cache-dir "uv==${UV_VERSION}" \
    && for lock in requirements checkov; do \
        /tmp/warm/bin/uv venv --clear /tmp/packages \
        && /tmp/warm/bin/uv pip install --python /tmp/packages/bin/python -r "/opt/promotion/${lock}.lock"; \
    done \
    && rm -rf /tmp/warm /tmp/packages
