/** Gives the hostile test suite the host API of a server. */
@NullMarked
package io.dropserver.server;

import org.jspecify.annotations.NullMarked;
