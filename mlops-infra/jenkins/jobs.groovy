// Job DSL: the multibranch job that the webhook starts, and the nightly look at the accounts.
// https://jenkinsci.github.io/job-dsl-plugin/
// OWNER and REPOSITORY are of github.yaml; local.yaml names no owner and a repository that is not at GitHub.
boolean onGitHub = OWNER != ''
String address = onGitHub ? "https://github.com/${OWNER}/${REPOSITORY}.git" : REPOSITORY

multibranchPipelineJob('promotion') {
    description('Pull requests are planned, a merge to main promotes.')
    branchSources {
        branchSource {
            source {
                if (onGitHub) {
                    github {
                        id('promotion')
                        repoOwner(OWNER)
                        repository(REPOSITORY)
                        repositoryUrl(address)
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
                } else {
                    git {
                        id('promotion')
                        remote(address)
                        traits {
                            gitBranchDiscovery()
                            cleanBeforeCheckoutTrait {
                                extension {
                                    deleteUntrackedNestedRepositories(true)
                                }
                            }
                            headWildcardFilter {
                                includes('*')
                                excludes('')
                            }
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
                        url(address)
                        if (onGitHub) {
                            credentials('github-app')
                        }
                    }
                    extensions {
                        cleanBeforeCheckout()
                    }
                }
            }
        }
    }
}
