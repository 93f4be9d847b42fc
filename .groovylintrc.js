// npm-groovy-lint in `make lint`: https://github.com/nvuillam/npm-groovy-lint. Warnings fail.
module.exports = {
  extends: "recommended",
  rules: {
    // A Jenkinsfile is nested by its grammar.
    NestedBlockDepth: "off",
    // Python's lines have 100 characters; Groovy's have names of types besides.
    LineLength: { length: 180 },
    // The harness finds the method of a step by the step's name, and all have one signature.
    UnusedPrivateMethod: "off",
    UnusedPrivateMethodParameter: "off",
    UnusedMethodParameter: "off",
    EmptyMethod: "off",
    MethodCount: "off",
    EqualsOverloaded: "off",
    // It is a program of its own: reads files and Groovy's syntax tree, and prints.
    JavaIoPackageAccess: "off",
    FileCreateTempFile: "off",
    Instanceof: "off",
    SystemErrPrint: "off",
    // While it serves, a fault of one build is that build's answer.
    CatchError: "off",
    CatchException: "off",
    // Lists whose ends are used are LinkedLists on purpose.
    ExplicitLinkedListInstantiation: "off",
    ImplementationAsType: "off",
    // Tables and calls that look alike are easier to read than constants for them.
    DuplicateMapLiteral: "off",
    // `${releaseDigest:+...}` is the shell's.
    GStringExpressionWithinString: "off",
    AbstractClassWithoutAbstractMethod: "off",
    UnnecessaryToString: "off",
  },
};
