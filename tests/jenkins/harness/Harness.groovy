import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.codehaus.groovy.control.CompilerConfiguration

/**
 * Runs a Jenkinsfile without Jenkins: `Harness run PLUGINS JENKINSFILE SCENARIO TRACE`; or only
 * checks some: `Harness check PLUGINS JENKINSFILE...`, and prints their problems as JSON; or tells what
 * another script calls: `Harness calls PLUGINS SCRIPT`.
 *
 * The scenario is a JSON object: number, work, variables, controller, controller_variables, checkout,
 * parameters, inputs, before, aborts, groups, previous_result, cause, changes. The trace has the build's
 * result and all events. Exit code 0: the build ended, however it did; 3: Jenkins would refuse the
 * Jenkinsfile; 4: the scenario is at fault.
 */
class Harness {
    static Catalog catalog

    static void main(String[] arguments) {
        catalog = new Catalog(new File(arguments[1]))
        if (arguments[0] == 'check') {
            println JsonOutput.toJson(arguments.drop(2).collectEntries { [(it): new Validator(catalog).check(new File(it))] })
            return
        }
        if (arguments[0] == 'calls') {
            println JsonOutput.toJson(Validator.namesOfCalls(new File(arguments[2])))
            return
        }
        runBuild(new File(arguments[2]), new File(arguments[3]), new File(arguments[4]))
    }

    private static void runBuild(File jenkinsfile, File scenarioFile, File traceFile) {
        List<String> problems = new Validator(catalog).check(jenkinsfile)
        if (problems) {
            leave(3, problems.join('\n'))
        }
        Map scenario = (Map) new JsonSlurper().parse(scenarioFile, 'UTF-8')
        Build build = new Build(scenario)
        try {
            run(jenkinsfile, build)
        } catch (Refused refused) {
            leave(3, refused.message)
        } catch (ScenarioFault fault) {
            leave(4, fault.message)
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

    private static void leave(int status, String message) {
        System.err.println(message)
        System.exit(status)
    }
}
