/// What stands before every program: it takes away what a program must not reach, and what
/// would bring libjq 1.6 down.
enum JQPrelude {
    /// One line, so that lines of the author's text are counted from the next one.
    ///
    /// - Nothing but a variable of the same name hides `$ENV`; all of the program is its scope.
    /// - The environment, files, `input` and standard error are not a program's business.
    /// - `import` and `include` must come first in a program, so no program can hold them.
    /// - libjq 1.6 aborts on `1e300 | todate` and never ends with `indices("")`.
    static let line = """
        def env: {}; def input: error("input: there is only one"); def inputs: empty; \
        def input_filename: null; def input_line_number: 0; def stderr: .; def debug: .; \
        def get_search_list: []; def get_jq_origin: null; def get_prog_origin: null; \
        def modulemeta: error("modulemeta: modules are not available"); \
        def halt: error("halt is not allowed"); def halt_error: error("halt is not allowed"); \
        def halt_error($code): error("halt is not allowed"); \
        def __strftime($f): strftime($f); \
        def strftime($f): (if type == "number" then gmtime else . end) | __strftime($f); \
        def __strflocaltime($f): strflocaltime($f); \
        def strflocaltime($f): \
        (if type == "number" then localtime else . end) | __strflocaltime($f); \
        def todate: strftime("%Y-%m-%dT%H:%M:%SZ"); def todateiso8601: todate; \
        def dateadd(u; n): . + n; def datesub(u; n): . - n; def date: todate; \
        def __indices($i): indices($i); \
        def indices($i): if $i == "" then error("indices: the text is empty") else __indices($i) end; \
        def index($i): indices($i) | .[0]; def rindex($i): indices($i) | .[-1:][0]; \
        {} as $ENV |\n
        """

    static let lineCount = 1

    static func whole(_ program: String) -> String { line + program }

    /// The paths of what the program picks, instead of copies; indexes from the end are made
    /// indexes from the start.
    static func paths(_ program: String) -> String {
        line + ". as $__root | path(\n" + program + "\n) | " + """
            if any(.[]; type == "number" and . < 0) then reduce .[] as $__step ([]; . + \
            [if ($__step | type) == "number" and $__step < 0 \
            then (. as $__path | $__root | getpath($__path) | length) + $__step \
            else $__step end]) else . end
            """
    }
}
