@NullMarked
package io.dropserver.cli.command;

import org.jspecify.annotations.NullMarked;
