import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.codehaus.groovy.control.CompilerConfiguration

/**
 * Runs Jenkinsfiles without Jenkins: `Harness PLUGINS`. Reads a JSON array of words a line and answers each
 * with an object of status, out and err a line, so that many builds share one start. What it is asked:
 * `run JENKINSFILE SCENARIO TRACE`; `check JENKINSFILE...`, for their problems as JSON; `calls SCRIPT`, for
 * the names of everything that another script calls.
 *
 * The scenario is a JSON object: number, work, variables, controller, controller_variables, checkout,
 * parameters, inputs, before, aborts, groups, previous_results, cause, changes. The trace has the build's
 * result and all events. Status 0: done, however the build ended; 3: Jenkins would refuse the
 * Jenkinsfile; 4: the scenario is at fault; 1: the harness is, or what a Jenkinsfile does.
 */
class Harness {
    static Catalog catalog

    static void main(String[] arguments) {
        catalog = new Catalog(new File(arguments[0]))
        PrintStream answers = System.out
        System.out = System.err // what a Jenkinsfile prints is no answer
        System.in.eachLine('UTF-8') { line ->
            answers.println JsonOutput.toJson(answer((List<String>) new JsonSlurper().parseText(line)))
            answers.flush()
        }
    }

    private static Map answer(List<String> words) {
        try {
            return [status: 0, out: done(words[0], words.drop(1).collect { new File(it) }), err: '']
        } catch (Refused refused) {
            return [status: 3, out: '', err: refused.message]
        } catch (ScenarioFault fault) {
            return [status: 4, out: '', err: fault.message]
        } catch (Exception | Error other) {
            StringWriter trace = new StringWriter()
            other.printStackTrace(new PrintWriter(trace, true))
            return [status: 1, out: '', err: trace.toString()]
        }
    }

    private static String done(String mode, List<File> files) {
        switch (mode) {
            case 'check': return JsonOutput.toJson(files.collectEntries { [(it.path): new Validator(catalog).check(it)] })
            case 'calls': return JsonOutput.toJson(Validator.namesOfCalls(files[0]))
            case 'run':
                runBuild(files[0], files[1], files[2])
                return ''
            default: throw new IllegalArgumentException("there is no mode ${mode}")
        }
    }

    static void runBuild(File jenkinsfile, File scenarioFile, File traceFile) {
        List<String> problems = new Validator(catalog).check(jenkinsfile)
        if (problems) {
            throw new Refused(problems.join('\n'))
        }
        Build build = new Build((Map) new JsonSlurper().parse(scenarioFile, 'UTF-8'))
        try {
            run(jenkinsfile, build)
        } finally {
            Map trace = [result: build.result, events: build.events]
            traceFile.setText(JsonOutput.prettyPrint(JsonOutput.toJson(trace)), 'UTF-8')
        }
    }

    private static void run(File jenkinsfile, Build build) {
        CompilerConfiguration configuration = new CompilerConfiguration()
        configuration.scriptBaseClass = JenkinsfileScript.name
        GroovyShell shell = new GroovyShell(Harness.classLoader, new Binding(), configuration)
        JenkinsfileScript script = (JenkinsfileScript) shell.parse(jenkinsfile.getText('UTF-8'), 'Jenkinsfile.groovy')
        script.belongTo(build, new Steps(build, catalog))
        script.run()
    }
}
