// The last module before the app, only in `app dev --inspect-brk`: stops in the debugger.
// deno-lint-ignore no-debugger
debugger;
