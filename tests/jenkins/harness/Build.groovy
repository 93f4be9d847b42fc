import groovy.json.JsonOutput
import groovy.json.JsonSlurper

/** A step failed: the build is a failure unless something catches it. */
class StepFailed extends RuntimeException {
    StepFailed(String message) {
        super(message)
    }
}

/** Somebody or something ended the build: a person, a timeout, a milestone. */
class Interrupted extends RuntimeException {
    final String result

    Interrupted(String message, String result) {
        super(message)
        this.result = result
    }
}

/** The scenario does not say enough, or would hang: a fault of the test. */
class ScenarioFault extends RuntimeException {
    ScenarioFault(String message) {
        super(message)
    }
}

/** One build: its variables, its agent, its result, and the trace of all that it did. */
class Build {
    private static final List<String> RESULTS = ['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED']
    final Map scenario
    final File work
    final List<Map> events = []
    final LinkedList<String> stages = new LinkedList<>()
    final LinkedList<Map<String, String>> layers = new LinkedList<>()
    final LinkedList<Long> timeouts = new LinkedList<>()
    final Map<String, Object> params = [:]
    File workspace
    File folder
    String agent
    String result = 'SUCCESS'
    int workspaces = 0

    Build(Map scenario) {
        this.scenario = scenario
        this.work = new File(scenario.work as String)
        layers << (Map<String, String>) scenario.variables
    }

    Map record(Map event) {
        Map full = [stage: stages ? stages[-1] : ''] + event
        events << full
        return full
    }

    void worsen(String other) {
        if (RESULTS.indexOf(other) > RESULTS.indexOf(result)) {
            result = other
        }
    }

    /** The variables that a process of the build gets, without those of Jenkins itself. */
    Map<String, String> variables() {
        Map<String, String> all = [:]
        params.each { name, value -> all[name] = value.toString() }
        layers.each { layer -> all.putAll(layer) }
        if (workspace) {
            all.WORKSPACE = workspace.path
        }
        return all
    }

    def within(Map<String, String> layer, Closure body) {
        layers.addLast(layer)
        try {
            return body.call()
        } finally {
            layers.removeLast()
        }
    }

    /** Run something on an agent: a fresh workspace, with the sources unless told otherwise. */
    def onAgent(String label, boolean checkout, Closure body) {
        List before = [workspace, folder, agent]
        workspaces += 1
        workspace = new File(work, "workspaces/${scenario.number}-${workspaces}")
        workspace.mkdirs()
        folder = workspace
        agent = label
        record(kind: 'agent', label: label)
        try {
            if (checkout) {
                checkOut()
            }
            return body.call()
        } finally {
            (workspace, folder, agent) = before
        }
    }

    void checkOut() {
        if (run((List<String>) scenario.checkout, [:], workspace).status != 0) {
            throw new StepFailed('the checkout failed')
        }
    }

    /** Run a program and wait for its end. */
    Map run(List<String> words, Map<String, String> extra, File where, String given = '') {
        Map done = start(words, extra, where, given)
        log("+ ${words.join(' ')}\n${done.out}${done.err}")
        return done
    }

    private Map start(List<String> words, Map<String, String> extra, File where, String given) {
        ProcessBuilder builder = new ProcessBuilder(words.collect { it.toString() }).directory(where)
        File err = File.createTempFile('stderr', '', work)
        builder.redirectError(err)
        builder.environment().clear()
        builder.environment().putAll((variables() + extra).collectEntries { key, value -> [(key.toString()): value.toString()] })
        Process process = builder.start()
        process.outputStream.withCloseable { it << given }
        String out = process.inputStream.getText('UTF-8')
        int status = process.waitFor()
        String messages = err.getText('UTF-8')
        err.delete()
        return [status: status, out: out, err: messages]
    }

    /** Ask what stands for the controller: it alone has credentials of Jenkins itself. */
    Map controller(Map request) {
        Map answer = start((List<String>) scenario.controller, (Map<String, String>) scenario.controller_variables, work, JsonOutput.toJson(request))
        if (answer.status != 0) {
            throw new StepFailed("${request.operation}: ${answer.err.readLines().findAll().with { it ? it[-1] : 'failed' }}")
        }
        return (Map) new JsonSlurper().parseText(answer.out)
    }

    /** What others do while this build goes on; the scenario says it. */
    void meanwhile(List<String> words) {
        Map done = run(words, (Map<String, String>) scenario.controller_variables, work)
        if (done.status != 0) {
            throw new ScenarioFault("${words.join(' ')} failed: ${done.err}")
        }
    }

    void log(String text) {
        new File(work, "log-${scenario.number}.txt").append(text + '\n', 'UTF-8')
    }

    /** State that builds of the same job share: milestones and locks. */
    Map shared() {
        File file = new File(work, 'shared.json')
        return file.exists() ? (Map) new JsonSlurper().parse(file, 'UTF-8') : [milestones: [:], locks: [:], superseded: [:]]
    }

    void share(Map state) {
        new File(work, 'shared.json').setText(JsonOutput.toJson(state), 'UTF-8')
    }
}
