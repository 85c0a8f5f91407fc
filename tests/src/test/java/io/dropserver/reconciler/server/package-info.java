/** Gives the hostile test suite the host API of a server. */
@NullMarked
package io.dropserver.reconciler.server;

import org.jspecify.annotations.NullMarked;
