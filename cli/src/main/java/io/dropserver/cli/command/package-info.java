/** What commands share: their options and arguments, and the connection to a server. */
@NullMarked
package io.dropserver.cli.command;

import org.jspecify.annotations.NullMarked;
