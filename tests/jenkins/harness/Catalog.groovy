import groovy.json.JsonSlurper
import groovy.transform.CompileStatic

/** Something in a Jenkinsfile that Jenkins, with the declared plugins, would refuse. */
class Refused extends RuntimeException {
    Refused(String message) {
        super(message)
    }
}

/** The steps, options, conditions and their parameters that the declared plugins have. */
@CompileStatic
class Catalog {
    final Map<String, Map> kinds = [:]
    final Map<String, List> sections
    private static final List<String> KINDS = ['options', 'stage_options', 'parameters', 'triggers', 'nested', 'conditions', 'steps']

    Catalog(File file) {
        Map<String, Map> plugins = (Map<String, Map>) new JsonSlurper().parse(file, 'UTF-8')
        for (String kind in KINDS) {
            kinds[kind] = [:]
            plugins.values().each { Map plugin -> kinds[kind].putAll((Map) plugin[kind] ?: [:]) }
        }
        // Steps with a block that may stand in options: https://www.jenkins.io/doc/book/pipeline/syntax/#options
        kinds.steps.each { name, step ->
            if (((Map) step).option) {
                kinds.options[name] = ((Map) step).parameters
                kinds.stage_options[name] = ((Map) step).parameters
            }
        }
        sections = (Map<String, List>) plugins['workflow-aggregator']['sections']
    }

    boolean knows(String kind, String name) {
        return kinds[kind].containsKey(name)
    }

    Map step(String name) {
        return (Map) kinds.steps[name]
    }

    /** The parameters of a thing, by name. */
    Map<String, Map> parameters(String kind, String name) {
        if (!knows(kind, name)) {
            throw new Refused("no declared plugin has the ${kind} '${name}'")
        }
        Map found = (Map) kinds[kind][name]
        return (Map<String, Map>) (kind == 'steps' ? found.parameters : found)
    }

    /** The name of the parameter that may be given without its name; null when there is none. */
    String positional(String kind, String name) {
        Map.Entry<String, Map> found = parameters(kind, name).find { key, value -> value.positional }
        return found?.key
    }

    /** Refuse arguments that the thing does not take, or of another type, or that are missing. */
    void check(String kind, String name, Map<String, Object> given) {
        Map<String, Map> known = parameters(kind, name)
        given.each { key, value ->
            if (!known.containsKey(key)) {
                throw new Refused("${name} has no parameter '${key}': it has ${known.keySet().join(', ') ?: 'none'}")
            }
            if (!fits(known[key].type as String, value)) {
                throw new Refused("${name}: ${key} has to be of type ${known[key].type}, not ${value?.getClass()?.simpleName}")
            }
        }
        known.each { key, value ->
            if (value.required && !given.containsKey(key)) {
                throw new Refused("${name}: the parameter '${key}' is missing")
            }
        }
    }

    static boolean fits(String type, Object value) {
        switch (type) {
            case 'string': return value instanceof CharSequence
            case 'integer': return value instanceof Integer || value instanceof Long
            case 'boolean': return value instanceof Boolean
            case 'list': return value instanceof List
            case 'map': return value instanceof Map
            case 'closure': return value instanceof Closure
            default: return true
        }
    }
}
