import org.codehaus.groovy.ast.ASTNode
import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.ModuleNode
import org.codehaus.groovy.ast.expr.ArgumentListExpression
import org.codehaus.groovy.ast.expr.BinaryExpression
import org.codehaus.groovy.ast.expr.ClosureExpression
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.Expression
import org.codehaus.groovy.ast.expr.GStringExpression
import org.codehaus.groovy.ast.expr.ListExpression
import org.codehaus.groovy.ast.expr.MapExpression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.TupleExpression
import org.codehaus.groovy.ast.expr.VariableExpression
import org.codehaus.groovy.ast.stmt.BlockStatement
import org.codehaus.groovy.ast.stmt.ExpressionStatement
import org.codehaus.groovy.ast.stmt.Statement
import org.codehaus.groovy.control.CompilationUnit
import org.codehaus.groovy.control.Phases

/**
 * Reads a Jenkinsfile without running it, and refuses what Jenkins would: a branch that no scenario
 * runs is checked too. Shapes: https://www.jenkins.io/doc/book/pipeline/syntax/
 */
class Validator {
    private static final Map<String, String> SECTION_KINDS = [parameters: 'parameters', triggers: 'triggers']
    private final Catalog catalog
    private final Set<String> functions = [] as Set
    private final Set<String> variables = [] as Set
    final List<String> problems = []

    Validator(Catalog catalog) {
        this.catalog = catalog
    }

    List<String> check(File jenkinsfile) {
        ModuleNode module = parse(jenkinsfile)
        functions.addAll(module.methods*.name)
        module.methods.each { method -> variables.addAll(method.parameters*.name) }
        List<MethodCallExpression> pipelines = calls(module.statementBlock).findAll { it.methodAsString == 'pipeline' }
        if (pipelines.size() != 1) {
            return ["there has to be one pipeline { }, and there are ${pipelines.size()}".toString()]
        }
        List<String> places = section(pipelines[0], 'pipeline', catalog.sections.pipeline, this.&pipelineSection)
        ['agent', 'stages'].findAll { !(it in places) }.each { problem(pipelines[0], "pipeline needs the section '${it}'") }
        module.methods.each { method -> steps(method.code) }
        return problems
    }

    /** The names of all calls in a script, sorted. */
    static List<String> namesOfCalls(File script) {
        SortedSet<String> names = [] as SortedSet
        parse(script).statementBlock.visit(new CodeVisitorSupport() {
            @Override
            void visitMethodCallExpression(MethodCallExpression call) {
                names << call.methodAsString
                super.visitMethodCallExpression(call)
            }
        })
        return names as List
    }

    private static ModuleNode parse(File jenkinsfile) {
        CompilationUnit unit = new CompilationUnit()
        unit.addSource('Jenkinsfile', jenkinsfile.getText('UTF-8'))
        unit.compile(Phases.CONVERSION)
        return unit.AST.modules[0]
    }

    private void problem(ASTNode node, String text) {
        problems << "line ${node.lineNumber}: ${text}".toString()
    }

    /** Check that a closure holds calls of these names only, and hand each on. */
    private List<String> section(MethodCallExpression call, String where, Collection<String> allowed, Closure next) {
        List<String> seen = []
        statements(call).each { statement ->
            MethodCallExpression inner = callOf(statement)
            if (inner == null || !(inner.methodAsString in allowed)) {
                problem(statement, "${inner ? inner.methodAsString : statement.text} does not belong in ${where}")
                return
            }
            seen << inner.methodAsString
            next(inner)
        }
        return seen
    }

    private void pipelineSection(MethodCallExpression call) {
        String name = call.methodAsString
        if (name == 'stages') {
            stages(call)
        } else if (name == 'options') {
            things(call, 'options')
        } else if (name in SECTION_KINDS) {
            things(call, SECTION_KINDS[name])
        } else {
            common(call)
        }
    }

    private void stages(MethodCallExpression call) {
        section(call, call.methodAsString, ['stage']) { MethodCallExpression stage ->
            List<String> parts = section(stage, "stage", catalog.sections.stage, this.&stageSection)
            int bodies = parts.count { it in ['steps', 'stages', 'parallel'] }
            if (bodies != 1) {
                problem(stage, 'a stage needs one of steps, stages and parallel')
            }
            if (!(arguments(stage)[0] instanceof ConstantExpression)) {
                problem(stage, 'a stage needs a name that is a plain string')
            }
        }
    }

    private void stageSection(MethodCallExpression call) {
        switch (call.methodAsString) {
            case ['stages', 'parallel']: stages(call); break
            case 'options': things(call, 'stage_options'); break
            case 'steps': declarativeSteps(call); break
            case 'when': conditions(call, ['beforeAgent', 'beforeInput', 'beforeOptions']); break
            case 'input': things(call, null, catalog.parameters('steps', 'input').keySet()); break
            case 'failFast': break
            default: common(call)
        }
    }

    private void common(MethodCallExpression call) {
        switch (call.methodAsString) {
            case 'agent':
                if (closureOf(call)) {
                    section(call, 'agent', ['label']) { }
                } else if (!(arguments(call)[0]?.text in ['any', 'none'])) {
                    problem(call, 'agent is any, none or { label }')
                }
                break
            case 'post': section(call, 'post', catalog.sections.post) { MethodCallExpression each -> declarativeSteps(each) }; break
            case 'environment': environment(call); break
            default: problem(call, "the harness does not know the section ${call.methodAsString}")
        }
    }

    private void environment(MethodCallExpression call) {
        statements(call).each { statement ->
            def expression = statement instanceof ExpressionStatement ? statement.expression : null
            if (!(expression instanceof BinaryExpression) || expression.operation.text != '=') {
                problem(statement, 'environment holds NAME = value only')
                return
            }
            Expression value = expression.rightExpression
            if (!(value instanceof GStringExpression || (value instanceof ConstantExpression && value.value instanceof String) || value instanceof MethodCallExpression)) {
                problem(statement, "environment: ${expression.leftExpression.text} has to be a string or a call")
            }
        }
    }

    private void conditions(MethodCallExpression call, List<String> flags) {
        section(call, call.methodAsString, catalog.kinds.conditions.keySet() + ['allOf', 'anyOf', 'not'] + flags) { MethodCallExpression each ->
            String name = each.methodAsString
            if (name in ['allOf', 'anyOf', 'not']) {
                conditions(each, [])
            } else if (!(name in flags)) {
                arguments(each, 'conditions', name)
            }
        }
    }

    private void things(MethodCallExpression call, String kind, Collection<String> names = null) {
        section(call, call.methodAsString, names ?: catalog.kinds[kind].keySet()) { MethodCallExpression each ->
            if (kind != null) {
                arguments(each, kind, each.methodAsString)
            }
        }
    }

    /** Steps directly in `steps` or `post`: calls only, logic needs `script`. */
    private void declarativeSteps(MethodCallExpression call) {
        statements(call).each { statement ->
            MethodCallExpression step = callOf(statement)
            if (step == null) {
                problem(statement, 'only steps may stand here: put it into script { }')
                return
            }
            stepCall(step)
            if (catalog.step(step.methodAsString)?.block && step.methodAsString != 'script') {
                declarativeSteps(step)
            } else if (closureOf(step)) {
                steps(closureOf(step).code)
            }
        }
    }

    /** Steps anywhere in a piece of code. */
    private void steps(Statement code) {
        code.visit(new CodeVisitorSupport() {
            @Override
            void visitDeclarationExpression(org.codehaus.groovy.ast.expr.DeclarationExpression expression) {
                variables << expression.variableExpression.name
                super.visitDeclarationExpression(expression)
            }

            @Override
            void visitMethodCallExpression(MethodCallExpression call) {
                if (call.implicitThis) {
                    stepCall(call)
                }
                super.visitMethodCallExpression(call)
            }
        })
    }

    private void stepCall(MethodCallExpression call) {
        String name = call.methodAsString
        if (name in functions || name in variables || catalog.knows('nested', name)) {
            return
        }
        if (!catalog.knows('steps', name)) {
            problem(call, "no declared plugin has the step '${name}'")
            return
        }
        arguments(call, 'steps', name)
        if (catalog.step(name).block && closureOf(call) == null && !(arguments(call)[-1] instanceof VariableExpression)) {
            problem(call, "${name} needs a block")
        }
    }

    /** Check names and, where they are literals, types of arguments. */
    private void arguments(MethodCallExpression call, String kind, String name) {
        Map<String, Object> given = [:]
        List<Expression> plain = arguments(call)
        boolean isBlock = kind == 'steps' && catalog.step(name).block
        if (isBlock && plain && (plain[-1] instanceof ClosureExpression || plain[-1] instanceof VariableExpression)) {
            plain = plain[0..<-1]
        }
        plain.each { argument ->
            if (argument instanceof MapExpression) {
                argument.mapEntryExpressions.each { given[it.keyExpression.text] = literal(it.valueExpression) }
            } else if (catalog.positional(kind, name)) {
                given[catalog.positional(kind, name)] = literal(argument)
            } else {
                problem(call, "${name} takes no argument without a name")
            }
        }
        Map<String, Map> known = catalog.parameters(kind, name)
        given.each { key, value ->
            if (!known.containsKey(key)) {
                problem(call, "${name} has no parameter '${key}'")
            } else if (value != UNKNOWN && !Catalog.fits(known[key].type, value)) {
                problem(call, "${name}: ${key} has to be of type ${known[key].type}")
            }
        }
        known.findAll { key, value -> value.required && !given.containsKey(key) }.each { key, value ->
            problem(call, "${name}: the parameter '${key}' is missing")
        }
    }

    private static final Object UNKNOWN = new Object()

    private static Object literal(Expression expression) {
        switch (expression) {
            case ConstantExpression: return expression.value
            case GStringExpression: return ''
            case ListExpression: return []
            case MapExpression: return [:]
            case ClosureExpression: return { }
            default: return UNKNOWN
        }
    }

    private static List<Expression> arguments(MethodCallExpression call) {
        return call.arguments instanceof TupleExpression ? ((TupleExpression) call.arguments).expressions : []
    }

    private static ClosureExpression closureOf(MethodCallExpression call) {
        List<Expression> given = call.arguments instanceof ArgumentListExpression ? arguments(call) : []
        return given && given[-1] instanceof ClosureExpression ? (ClosureExpression) given[-1] : null
    }

    private static List<Statement> statements(MethodCallExpression call) {
        ClosureExpression closure = closureOf(call)
        return closure == null ? [] : ((BlockStatement) closure.code).statements
    }

    private static MethodCallExpression callOf(Statement statement) {
        def expression = statement.hasProperty('expression') ? statement.expression : null
        return expression instanceof MethodCallExpression && expression.implicitThis ? expression : null
    }

    private static List<MethodCallExpression> calls(BlockStatement block) {
        return block.statements.collect { callOf(it) }.findAll()
    }
}
