/** Takes the calls in a section by name; the Validator has refused what does not belong there. */
class Section {
    final Script script
    final Map<String, Object> found = [:]

    Section(Script script, Closure body) {
        this.script = script
        body.delegate = this
        body.resolveStrategy = Closure.DELEGATE_FIRST
        body.call()
    }

    def methodMissing(String name, Object given) {
        Object[] arguments = (Object[]) given
        found[name] = arguments.length == 1 ? arguments[0] : arguments as List
        return name
    }

    def propertyMissing(String name) {
        return name in ['any', 'none'] ? name : script.getProperty(name)
    }
}

/** The stages in a section, in their order. */
class Stages extends Section {
    List<Map> stages

    Stages(Script script, Closure body) {
        super(script, body)
    }

    def stage(String name, Closure body) {
        stages = (stages ?: []) << [name: name, parts: new Section(script, body).found]
    }
}

/** Names and values of an environment section. */
class Variables {
    private final Script script
    final Map<String, String> values = [:]

    Variables(Script script, Closure body) {
        this.script = script
        body.delegate = this
        body.resolveStrategy = Closure.DELEGATE_FIRST
        body.call()
    }

    void setProperty(String name, Object value) {
        values[name] = value.toString()
    }

    def propertyMissing(String name) {
        return values.containsKey(name) ? values[name] : script.getProperty(name)
    }
}

/** Conditions of `when`, each evaluated where it stands. */
class Conditions {
    private final Script script
    private final Build build
    final List<Boolean> results = []

    Conditions(Script script, Build build) {
        this.script = script
        this.build = build
    }

    Conditions collect(Closure body) {
        Closure own = (Closure) body.clone()
        own.delegate = this
        own.resolveStrategy = Closure.DELEGATE_FIRST
        own.call()
        return this
    }

    void beforeAgent(boolean flag) { }
    void beforeInput(boolean flag) { }
    void beforeOptions(boolean flag) { }
    void allOf(Closure body) { results << inner(body).every() }
    void anyOf(Closure body) { results << inner(body).any() }
    void not(Closure body) { results << !inner(body)[0] }

    void branch(String pattern) {
        String name = build.variables().BRANCH_NAME ?: ''
        results << (!build.variables().CHANGE_ID && glob(pattern, name))
    }

    void changeRequest(Map wanted = [:]) {
        Map<String, String> now = build.variables()
        Map<String, String> names = [id: 'CHANGE_ID', target: 'CHANGE_TARGET', branch: 'CHANGE_BRANCH', fork: 'CHANGE_FORK']
        results << (now.CHANGE_ID != null && wanted.every { key, value -> now[names[key as String]] == value })
    }

    void changeset(String pattern) {
        results << ((List<String>) build.scenario.changes ?: []).any { glob(pattern, it) }
    }

    void environment(Map wanted) { results << (build.variables()[wanted.name as String] == wanted.value) }
    void equals(Map given) { results << (given.expected == given.actual) }
    void triggeredBy(String cause) { results << (build.scenario.cause == cause) }

    void expression(Closure body) {
        results << (body.rehydrate(script, script, script).call() as boolean)
    }

    private List<Boolean> inner(Closure body) {
        return new Conditions(script, build).collect(body).results
    }

    private static boolean glob(String pattern, String name) {
        return java.nio.file.FileSystems.default.getPathMatcher("glob:${pattern}").matches(java.nio.file.Paths.get(name))
    }
}

/** Runs a declarative pipeline in the order that Jenkins documents. */
class Declarative {
    private final Script script
    private final Build build
    private final Steps steps
    private boolean skipCheckout

    Declarative(Script script, Build build, Steps steps) {
        this.script = script
        this.build = build
        this.steps = steps
    }

    void run(Closure body) {
        Map pipeline = new Section(script, body).found
        declareParameters((Closure) pipeline.parameters)
        List<Map> options = optionsOf((Closure) pipeline.options)
        skipCheckout = options.any { it.name == 'skipDefaultCheckout' }
        build.record(kind: 'options', names: options*.name)
        failing {
            wrapped(options) {
                onAgent(pipeline.agent) {
                    inEnvironment((Closure) pipeline.environment) {
                        failing { all((Closure) pipeline.stages) }
                        post((Closure) pipeline.post)
                    }
                }
            }
        }
        steps.leaveMilestones()
    }

    private void declareParameters(Closure body) {
        if (body == null) {
            return
        }
        List<Map> declared = collected(body)
        declared.each { each ->
            Map given = each.arguments[0]
            build.params[given.name as String] = given.containsKey('choices') ? given.choices[0] : (given.defaultValue ?: (each.name == 'booleanParam' ? false : ''))
        }
        ((Map<String, Object>) build.scenario.parameters).each { name, value ->
            if (!build.params.containsKey(name)) {
                throw new ScenarioFault("the Jenkinsfile declares no parameter '${name}'")
            }
            Map choice = declared.find { it.arguments[0].name == name }.arguments[0]
            if (choice.containsKey('choices') && !(value in choice.choices)) {
                throw new ScenarioFault("'${value}' is no choice of ${name}: Jenkins does not start such a build")
            }
            build.params[name] = value
        }
    }

    private List<Map> collected(Closure body) {
        List<Map> calls = []
        Closure own = (Closure) body.clone()
        own.delegate = new Collector(script, calls)
        own.resolveStrategy = Closure.DELEGATE_FIRST
        own.call()
        return calls
    }

    private List<Map> optionsOf(Closure body) {
        return body == null ? [] : collected(body)
    }

    private void wrapped(List<Map> options, Closure body) {
        List<Map> blocks = options.findAll { it.name in ['lock', 'timeout', 'timestamps'] }
        if (!blocks) {
            body.call()
            return
        }
        steps.call(blocks[0].name as String, (blocks[0].arguments as List) + [{ wrapped(blocks.drop(1), body) }])
    }

    private void onAgent(Object agent, Closure body) {
        if (agent == null || agent == 'none') {
            body.call()
            return
        }
        String label = agent instanceof Closure ? new Section(script, (Closure) agent).found.label : 'any'
        build.onAgent(label, !skipCheckout, body)
    }

    private void inEnvironment(Closure body, Closure next) {
        Map<String, String> layer = body == null ? [:] : new Variables(script, body).values
        build.within(layer, next)
    }

    private void all(Closure body) {
        RuntimeException first = null
        new Stages(script, body).stages.each { stage ->
            if (first != null) {
                skip(stage, 'failure')
                return
            }
            try {
                one(stage)
            } catch (StepFailed | Interrupted failure) {
                first = failure
            }
        }
        if (first != null) {
            throw first
        }
    }

    private void skip(Map stage, String why) {
        build.events << [kind: 'stage', stage: stage.name, outcome: 'SKIPPED', because: why]
    }

    private void one(Map stage) {
        Map parts = stage.parts
        build.stages << (String) stage.name
        int at = build.events.size()
        String outer = build.result
        build.result = 'SUCCESS'
        RuntimeException failure = null
        boolean skipped = false
        try {
            Map<String, Boolean> first = flagsOf((Closure) parts.when)
            skipped = first.beforeOptions && !holds(parts)
            if (!skipped) {
                wrapped(optionsOf((Closure) parts.options)) {
                    skipped = !entered(parts, first) {
                        meanwhile(stage.name as String)
                        body(parts)
                    }
                }
            }
        } catch (StepFailed | Interrupted raised) {
            failure = raised
            build.worsen(raised instanceof Interrupted ? raised.result : 'FAILURE')
        }
        if (skipped) {
            build.events.add(at, [kind: 'stage', stage: stage.name, outcome: 'SKIPPED', because: 'when'])
        } else {
            build.events.add(at, [kind: 'stage', stage: stage.name, outcome: build.result] + (failure ? [because: failure.message] : [:]))
        }
        String own = build.result
        build.result = outer
        build.worsen(own)
        build.stages.removeLast()
        if (failure != null) {
            throw failure
        }
    }

    private void meanwhile(String stage) {
        List<String> words = (List<String>) ((Map) build.scenario.before ?: [:])[stage]
        if (words) {
            build.meanwhile(words)
        }
    }

    /** Input, then agent, then condition, unless `when` says that it goes first. */
    private boolean entered(Map parts, Map<String, Boolean> first, Closure next) {
        boolean known = first.beforeOptions
        if (!known && first.beforeInput) {
            known = true
            if (!holds(parts)) {
                return false
            }
        }
        asked(parts)
        if (!known && first.beforeAgent) {
            known = true
            if (!holds(parts)) {
                return false
            }
        }
        boolean goes = true
        onAgent(parts.agent) {
            inEnvironment((Closure) parts.environment) {
                goes = known || holds(parts)
                if (goes) {
                    next.call()
                }
            }
        }
        return goes
    }

    private boolean holds(Map parts) {
        return parts.when == null || new Conditions(script, build).collect((Closure) parts.when).results.every()
    }

    private Map<String, Boolean> flagsOf(Closure when) {
        List<Map> calls = when == null ? [] : collected(when)
        return calls.findAll { it.name in ['beforeAgent', 'beforeInput', 'beforeOptions'] }.collectEntries { [(it.name): it.arguments[0]] }
    }

    private void asked(Map parts) {
        if (parts.input == null) {
            return
        }
        Map given = collected((Closure) parts.input).collectEntries { [(it.name): it.arguments[0]] }
        steps.call('input', [given])
    }

    private void body(Map parts) {
        RuntimeException failure = null
        try {
            if (parts.steps != null) {
                code((Closure) parts.steps).call()
            } else if (parts.stages != null) {
                all((Closure) parts.stages)
            } else {
                branches((Closure) parts.parallel)
            }
        } catch (StepFailed | Interrupted raised) {
            failure = raised
            build.worsen(raised instanceof Interrupted ? raised.result : 'FAILURE')
        }
        post((Closure) parts.post)
        if (failure != null) {
            throw failure
        }
    }

    /** Branches of `parallel`, one after the other: the trace is the same in each run. */
    private void branches(Closure body) {
        RuntimeException first = null
        new Stages(script, body).stages.each { stage ->
            try {
                one(stage)
            } catch (StepFailed | Interrupted failure) {
                first = first ?: failure
            }
        }
        if (first != null) {
            throw first
        }
    }

    /** A block of steps sees the script only, not the sections that it stands in. */
    private Closure code(Closure body) {
        return body.rehydrate(script, script, script)
    }

    private void failing(Closure body) {
        try {
            body.call()
        } catch (StepFailed failure) {
            build.record(kind: 'failure', message: failure.message)
            build.worsen('FAILURE')
        } catch (Interrupted end) {
            build.record(kind: 'interruption', message: end.message)
            build.worsen(end.result)
        }
    }

    /** Conditions in the order of https://www.jenkins.io/doc/book/pipeline/syntax/#post, each asked when its turn comes. */
    private void post(Closure body) {
        if (body == null) {
            return
        }
        Map found = new Section(script, body).found
        String previous = ((List<String>) build.scenario.previous_results ?: ['SUCCESS'])[0]
        Map<String, Closure> conditions = [
            always: { true }, changed: { it != previous }, fixed: { it == 'SUCCESS' && previous in ['FAILURE', 'UNSTABLE'] },
            regression: { it in ['FAILURE', 'UNSTABLE', 'ABORTED'] && previous == 'SUCCESS' }, aborted: { it == 'ABORTED' },
            failure: { it == 'FAILURE' }, success: { it == 'SUCCESS' }, unstable: { it == 'UNSTABLE' },
            unsuccessful: { it != 'SUCCESS' }, cleanup: { true },
        ]
        conditions.findAll { name, holds -> found[name] }.each { name, holds ->
            if (holds.call(build.result)) {
                build.record(kind: 'post', condition: name)
                failing { code((Closure) found[name]).call() }
            }
        }
    }
}

/** Collects calls with their arguments, evaluated. */
class Collector {
    private final Script script
    private final List<Map> calls

    Collector(Script script, List<Map> calls) {
        this.script = script
        this.calls = calls
    }

    def methodMissing(String name, Object given) {
        Map call = [name: name, arguments: (given as Object[]) as List]
        if (name == 'logRotator') {
            return call
        }
        calls << call
        return call
    }

    def propertyMissing(String name) {
        return script.getProperty(name)
    }
}
