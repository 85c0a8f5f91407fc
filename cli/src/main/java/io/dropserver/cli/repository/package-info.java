/** Writes and checks an instance repository on the user's machine. */
@NullMarked
package io.dropserver.cli.repository;

import org.jspecify.annotations.NullMarked;
