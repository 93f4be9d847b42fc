# The controller with its plugins, configuration and jobs. Build in the project's folder:
# docker build -f mlops-infra/jenkins/controller.Dockerfile .
FROM jenkins/jenkins:2.568.2-lts-jdk21

COPY mlops-infra/jenkins/plugins.txt /usr/share/jenkins/ref/plugins.txt
RUN jenkins-plugin-cli --plugin-file /usr/share/jenkins/ref/plugins.txt
COPY mlops-infra/jenkins/jenkins.yaml mlops-infra/jenkins/jobs.groovy /usr/share/jenkins/casc/

ENV CASC_JENKINS_CONFIG=/usr/share/jenkins/casc/jenkins.yaml \
    JAVA_OPTS=-Djenkins.install.runSetupWizard=false
