import groovy.json.JsonOutput
import groovy.json.JsonSlurper

import java.nio.file.FileSystems
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.PathMatcher
import java.nio.file.StandardCopyOption
import java.util.stream.Stream

/** The steps: each checked against the declared plugins, recorded, and done. */
class Steps {
    private static final Map<String, Long> UNIT_SECONDS = [SECONDS: 1L, MINUTES: 60L, HOURS: 3600L, DAYS: 86400L]
    private final Build build
    private final Catalog catalog

    Steps(Build build, Catalog catalog) {
        this.build = build
        this.catalog = catalog
    }

    def call(String name, List arguments) {
        if (!catalog.knows('steps', name)) {
            throw new Refused("no declared plugin has the step '${name}'")
        }
        List rest = arguments as List
        Closure body = null
        if (catalog.step(name).block) {
            body = (Closure) rest[-1]
            rest = rest.dropRight(1)
        }
        Map<String, Object> given = named(name, rest)
        catalog.check('steps', name, given)
        if (catalog.step(name).workspace && build.workspace == null) {
            throw new StepFailed("${name} needs a workspace, and no agent runs this stage")
        }
        Map event = name == 'script' ? [:] : build.record([kind: 'step', step: name, arguments: shown(given)])
        return "${name}Step"(given, event, body)
    }

    private Map<String, Object> named(String name, List arguments) {
        Map<String, Object> given = [:]
        arguments.each { argument ->
            if (argument instanceof Map && catalog.positional('steps', name) != 'target') {
                argument.each { key, value -> given[key as String] = value }
            } else {
                given[catalog.positional('steps', name) ?: 'argument without a name'] = argument
            }
        }
        return given
    }

    private static Map shown(Map<String, Object> given) {
        return given.collectEntries { key, value -> [(key): value instanceof CharSequence ? value.toString() : value] }
    }

    // Processes

    private def shStep(Map given, Map event, Closure body) {
        Map done = build.run(['sh', '-xe', '-c', given.script], [:], build.folder)
        event.status = done.status
        event.timeout_seconds = build.timeouts ? build.timeouts.min() : null
        event.role = build.variables().WITH_AWS ?: ''
        String aborted = ((Map) build.scenario.aborts ?: [:])[build.stages[-1]]
        if (aborted && given.script.toString().startsWith(aborted)) {
            // Jenkins sends SIGTERM to the processes, waits for their end, and ends the step whatever they return.
            throw new Interrupted("Aborted while '${aborted}' ran", 'ABORTED')
        }
        if (given.returnStatus) {
            return done.status
        }
        if (done.status != 0) {
            throw new StepFailed("script returned exit code ${done.status}: ${given.script}")
        }
        return given.returnStdout ? done.out : null
    }

    private def echoStep(Map given, Map event, Closure body) {
        build.log(given.message.toString())
    }

    private def sleepStep(Map given, Map event, Closure body) { }

    // Flow

    private def scriptStep(Map given, Map event, Closure body) {
        return body.call()
    }

    private def errorStep(Map given, Map event, Closure body) {
        throw new StepFailed(given.message.toString())
    }

    private def unstableStep(Map given, Map event, Closure body) {
        build.worsen('UNSTABLE')
    }

    private def catchErrorStep(Map given, Map event, Closure body) {
        try {
            body.call()
        } catch (StepFailed failure) {
            event.caught = failure.message
            build.worsen((given.buildResult ?: 'FAILURE') as String)
        }
    }

    private def retryStep(Map given, Map event, Closure body) {
        int left = given.count as int
        while (true) {
            left -= 1
            try {
                return body.call()
            } catch (StepFailed failure) {
                if (left <= 0) {
                    throw failure
                }
            }
        }
    }

    private def timeoutStep(Map given, Map event, Closure body) {
        String unit = given.unit ?: 'MINUTES'
        if (!UNIT_SECONDS.containsKey(unit)) {
            throw new Refused("timeout: there is no unit ${unit}")
        }
        build.timeouts << (given.time as long) * UNIT_SECONDS[unit]
        try {
            return body.call()
        } finally {
            build.timeouts.removeLast()
        }
    }

    private def timestampsStep(Map given, Map event, Closure body) {
        return body.call()
    }

    private def milestoneStep(Map given, Map event, Closure body) {
        int number = build.scenario.number as int
        String ordinal = given.ordinal.toString()
        leaveMilestones()
        Map state = build.shared()
        Map milestone = (Map) state.milestones[ordinal] ?: [last: 0, in_sight: []]
        if ((milestone.last as int) > number) {
            throw new Interrupted("superseded by build ${milestone.last}", 'NOT_BUILT')
        }
        state.milestones[ordinal] = [last: number, in_sight: milestone.in_sight + [number]]
        build.share(state)
    }

    /**
     * A build that passes a milestone, or ends, goes out of sight of the one before and ends the
     * older builds that are in sight of that. As the plugin does it:
     * https://github.com/jenkinsci/pipeline-milestone-step-plugin/blob/master/src/main/java/org/jenkinsci/plugins/pipeline/milestone/MilestoneStepExecution.java
     */
    void leaveMilestones() {
        int number = build.scenario.number as int
        Map state = build.shared()
        state.milestones.values().findAll { number in it.in_sight }.each { milestone ->
            milestone.in_sight -= number
            milestone.in_sight.findAll { it < number }.each { state.superseded["${it}".toString()] = number }
        }
        build.share(state)
    }

    private def lockStep(Map given, Map event, Closure body) {
        Map state = build.shared()
        if (state.locks.containsKey(given.resource)) {
            throw new ScenarioFault("${given.resource} is locked by build ${state.locks[given.resource]}, which would never go on")
        }
        state.locks[given.resource] = build.scenario.number
        build.share(state)
        try {
            return body.call()
        } finally {
            Map after = build.shared()
            after.locks.remove(given.resource)
            build.share(after)
        }
    }

    private def inputStep(Map given, Map event, Closure body) {
        String place = build.stages[-1]
        Map answer = (Map) ((Map) build.scenario.inputs ?: [:])[place]
        if (answer == null) {
            throw new ScenarioFault("nobody answers the input of stage '${place}': the scenario has to say who does what")
        }
        event.agent = build.agent
        event.timeout_seconds = build.timeouts ? build.timeouts.min() : null
        if (answer.meanwhile) {
            // Another build of the job, while this one waits.
            Map<String, String> other = (Map<String, String>) answer.meanwhile
            Harness.runBuild(new File(other.jenkinsfile), new File(other.scenario), new File(other.trace))
        }
        superseded()
        event.answer = answer.answer
        if (answer.answer == 'timeout') {
            if (!build.timeouts) {
                throw new ScenarioFault("nothing would ever end the input of stage '${place}': it has no timeout")
            }
            throw new Interrupted('Timeout has been exceeded', 'ABORTED')
        }
        event.by = answer.by
        List<String> may = (given.submitter ?: '').toString().tokenize(', ')
        List<String> groups = [answer.by] + (((Map) build.scenario.groups)[answer.by] ?: [])
        if (may && !groups.any { it in may }) {
            throw new ScenarioFault("Jenkins lets ${answer.by} not answer the input of stage '${place}'")
        }
        if (answer.answer == 'abort') {
            throw new Interrupted("Rejected by ${answer.by}", 'ABORTED')
        }
        return answer.by
    }

    private void superseded() {
        Integer newer = (Integer) build.shared().superseded[build.scenario.number.toString()]
        if (newer != null) {
            throw new Interrupted("superseded by build ${newer}", 'NOT_BUILT')
        }
    }

    // Variables and credentials

    private def withEnvStep(Map given, Map event, Closure body) {
        Map<String, String> layer = given.overrides.collectEntries { it.toString().split('=', 2) as List }
        return build.within(layer, body)
    }

    private def withAWSStep(Map given, Map event, Closure body) {
        Map session = build.controller([operation: 'assume-role'] + shown(given))
        event.arn = session.arn
        return build.within((Map<String, String>) session.variables, body)
    }

    private def withCredentialsStep(Map given, Map event, Closure body) {
        Map<String, String> layer = [:]
        given.bindings.each { binding -> layer[binding.variable as String] = ((Map) build.scenario.credentials)[binding.credentialsId] }
        return build.within(layer, body)
    }

    // Files

    private def dirStep(Map given, Map event, Closure body) {
        File before = build.folder
        build.folder = new File(before, given.path.toString())
        build.folder.mkdirs()
        try {
            return body.call()
        } finally {
            build.folder = before
        }
    }

    private def deleteDirStep(Map given, Map event, Closure body) {
        // Not File.deleteDir(), which follows links: a workspace may link to packages of others.
        Stream<Path> paths = Files.walk(build.folder.toPath())
        try {
            paths.iterator().toList().reverse().each { Files.delete(it) }
        } finally {
            paths.close()
        }
        build.folder.mkdirs()
    }

    private def cleanWsStep(Map given, Map event, Closure body) {
        deleteDirStep(given, event, body)
    }

    private def checkoutStep(Map given, Map event, Closure body) {
        build.checkOut()
        return build.variables().subMap(['GIT_COMMIT', 'GIT_BRANCH'])
    }

    private def fileExistsStep(Map given, Map event, Closure body) {
        return new File(build.folder, given.file.toString()).exists()
    }

    private def readFileStep(Map given, Map event, Closure body) {
        return read(given.file.toString())
    }

    private def writeFileStep(Map given, Map event, Closure body) {
        File file = new File(build.folder, given.file.toString())
        file.parentFile.mkdirs()
        file.setText(given.text.toString(), 'UTF-8')
    }

    private def readJSONStep(Map given, Map event, Closure body) {
        return new JsonSlurper().parseText((given.text ?: read(given.file.toString())).toString())
    }

    private def writeJSONStep(Map given, Map event, Closure body) {
        String text = JsonOutput.toJson(given.json)
        if (given.returnText) {
            return text
        }
        writeFileStep([file: given.file, text: text], event, null)
    }

    private String read(String name) {
        File file = new File(build.folder, name)
        if (!file.exists()) {
            throw new StepFailed("${name} does not exist")
        }
        return file.getText('UTF-8')
    }

    private def stashStep(Map given, Map event, Closure body) {
        File to = new File(build.work, "stashes/${build.scenario.number}/${given.name}")
        event.files = copied((given.includes ?: '**').toString(), build.folder, to)
        if (!event.files && !given.allowEmpty) {
            throw new StepFailed("no files to stash '${given.name}': ${given.includes}")
        }
    }

    private def unstashStep(Map given, Map event, Closure body) {
        File from = new File(build.work, "stashes/${build.scenario.number}/${given.name}")
        if (!from.exists()) {
            throw new StepFailed("there is no stash '${given.name}'")
        }
        event.files = copied('**', from, build.folder)
    }

    private def archiveArtifactsStep(Map given, Map event, Closure body) {
        event.files = copied(given.artifacts.toString(), build.folder, new File(build.work, "archive/${build.scenario.number}"))
        if (!event.files && !given.allowEmptyArchive) {
            throw new StepFailed("no artifacts found that match ${given.artifacts}")
        }
    }

    /** Copy what Ant's patterns, separated by commas, match; return the names. */
    private static List<String> copied(String patterns, File from, File to) {
        List<PathMatcher> matchers = patterns.tokenize(', ').collect { FileSystems.default.getPathMatcher("glob:${it}") }
        List<String> names = []
        to.mkdirs()
        Stream<Path> paths = Files.walk(from.toPath())
        try {
            for (Path path in paths.iterator().findAll { Files.isRegularFile(it) }) {
                Path relative = from.toPath().relativize(path)
                if (matchers.any { it.matches(relative) }) {
                    Path target = to.toPath().resolve(relative)
                    Files.createDirectories(target.parent)
                    Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES)
                    names << relative.toString()
                }
            }
        } finally {
            paths.close()
        }
        return names.sort()
    }

    // Reports and messages

    private def junitStep(Map given, Map event, Closure body) {
        event.files = matching(given.testResults.toString())
        if (!event.files && !given.allowEmptyResults) {
            throw new StepFailed("no test report files were found: ${given.testResults}")
        }
        if (event.files.any { new XmlSlurper().parse(new File(build.folder, it)).depthFirst().any { node -> node.name() in ['failure', 'error'] } }) {
            build.worsen('UNSTABLE')
        }
    }

    private List<String> matching(String patterns) {
        return copied(patterns, build.folder, new File(build.work, "reports/${build.scenario.number}"))
    }

    private def recordCoverageStep(Map given, Map event, Closure body) {
        given.tools.each { tool -> event.files = (event.files ?: []) + matching(tool.pattern.toString()) }
    }

    private def publishHTMLStep(Map given, Map event, Closure body) {
        event.files = matching("${given.target.reportDir}/${given.target.reportFiles}")
    }

    private def publishChecksStep(Map given, Map event, Closure body) { }

    private def mailStep(Map given, Map event, Closure body) { }

    private def emailextStep(Map given, Map event, Closure body) { }

    private def snsPublishStep(Map given, Map event, Closure body) {
        event.role = build.variables().WITH_AWS ?: ''
    }
}
