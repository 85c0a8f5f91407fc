/** What all commands print with: the terminal, tables, JSON and YAML, errors and exit codes. */
@NullMarked
package io.dropserver.cli.output;

import org.jspecify.annotations.NullMarked;
