# The controller with its plugins, configuration and jobs. Build in the project's folder:
# docker build -f mlops-infra/jenkins/controller.Dockerfile .
# SIGN_IN is github or local: which of these files goes with jenkins.yaml.
FROM jenkins/jenkins:2.568.2-lts-jdk21

COPY mlops-infra/jenkins/plugins.txt /usr/share/jenkins/ref/plugins.txt
RUN jenkins-plugin-cli --plugin-file /usr/share/jenkins/ref/plugins.txt
ARG SIGN_IN=github
COPY mlops-infra/jenkins/jenkins.yaml mlops-infra/jenkins/${SIGN_IN}.yaml mlops-infra/jenkins/jobs.groovy \
    /usr/share/jenkins/casc/

ENV CASC_JENKINS_CONFIG=/usr/share/jenkins/casc \
    JAVA_OPTS=-Djenkins.install.runSetupWizard=false
