/** Checks what a server needs on this machine. */
@NullMarked
package io.dropserver.cli.doctor;

import org.jspecify.annotations.NullMarked;
