/** The variable currentBuild; a result that is set can only be a worse one, as in Jenkins. */
class CurrentBuild {
    private final Build build

    CurrentBuild(Build build) {
        this.build = build
    }

    String getResult() {
        return build.result
    }

    void setResult(String result) {
        build.worsen(result)
    }

    String getCurrentResult() {
        return build.result
    }

    int getNumber() {
        return build.scenario.number as int
    }

    PreviousBuild getPreviousBuild() {
        return PreviousBuild.of((List<String>) build.scenario.previous_results)
    }
}

/** A build before this one, and those before that. */
class PreviousBuild {
    final String result
    private final List<String> before

    private PreviousBuild(List<String> results) {
        this.result = results[0]
        this.before = results.drop(1)
    }

    /** The latest of these results' builds; null when there is none. */
    static PreviousBuild of(List<String> results) {
        return results ? new PreviousBuild(results) : null
    }

    PreviousBuild getPreviousBuild() {
        return of(before)
    }
}

/** What a Jenkinsfile sees: the steps as methods, and env, params, currentBuild and the variables. */
abstract class JenkinsfileScript extends Script {
    private Build build
    private Steps stepsOfBuild

    /** A Script hands assigned properties to its binding, so these come by a method. */
    void belongTo(Build build, Steps steps) {
        this.build = build
        this.stepsOfBuild = steps
    }

    def pipeline(Closure body) {
        new Declarative(this, build, stepsOfBuild).run(body)
    }

    def getEnv() {
        return build.variables()
    }

    def getParams() {
        return build.params
    }

    def getScm() {
        return [scm: 'the branch that is built']
    }

    def getCurrentBuild() {
        return new CurrentBuild(build)
    }

    def methodMissing(String name, Object given) {
        List arguments = (given as Object[]) as List
        // Things that only stand inside of a step, such as recipients of e-mail.
        if (!Harness.catalog.knows('steps', name) && Harness.catalog.knows('nested', name)) {
            Map named = arguments && arguments[0] instanceof Map ? (Map) arguments[0] : [:]
            Harness.catalog.check('nested', name, named)
            return [kind: name] + named
        }
        return stepsOfBuild.call(name, arguments)
    }

    def propertyMissing(String name) {
        Map<String, String> known = build.variables()
        if (known.containsKey(name)) {
            return known[name]
        }
        throw new MissingPropertyException(name, getClass())
    }
}
