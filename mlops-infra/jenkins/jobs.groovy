// Job DSL: the multibranch job that the webhook starts, and the nightly look at the accounts.
// https://jenkinsci.github.io/job-dsl-plugin/
String owner = 'acme'
String name = 'sagemaker-promotion'

multibranchPipelineJob('promotion') {
    description('Pull requests are planned, a merge to main promotes.')
    branchSources {
        branchSource {
            source {
                github {
                    id('promotion')
                    repoOwner(owner)
                    repository(name)
                    repositoryUrl("https://github.com/${owner}/${name}.git")
                    configuredByUrl(false)
                    credentialsId('github-app')
                    traits {
                        gitHubBranchDiscovery {
                            strategyId(3) // all: main too when a pull request wants it elsewhere
                        }
                        gitHubPullRequestDiscovery {
                            strategyId(1) // merged with main, as it will be
                        }
                        gitHubForkDiscovery {
                            strategyId(1)
                            // The Jenkinsfile of a fork's build is that of main.
                            trust {
                                gitHubTrustNobody()
                            }
                        }
                        // What a killed build left behind must not pass for this one's.
                        cleanBeforeCheckoutTrait {
                            extension {
                                deleteUntrackedNestedRepositories(true)
                            }
                        }
                        headWildcardFilter {
                            includes('main PR-*')
                            excludes('')
                        }
                    }
                }
            }
        }
    }
    factory {
        workflowBranchProjectFactory {
            scriptPath('Jenkinsfile')
        }
    }
    orphanedItemStrategy {
        discardOldItems {
            daysToKeep(30)
        }
    }
}

// A job of its own: one that shared the branch job would wait behind a merge that waits for a person.
pipelineJob('nightly') {
    description('Compares the accounts with the repository. Applies nothing.')
    properties {
        disableConcurrentBuilds()
        pipelineTriggers {
            triggers {
                cron {
                    spec('H 3 * * *')
                }
            }
        }
    }
    definition {
        cpsScm {
            lightweight(true)
            scriptPath('Jenkinsfile')
            scm {
                git {
                    branch('main')
                    remote {
                        url("https://github.com/${owner}/${name}.git")
                        credentials('github-app')
                    }
                    extensions {
                        cleanBeforeCheckout()
                    }
                }
            }
        }
    }
}
