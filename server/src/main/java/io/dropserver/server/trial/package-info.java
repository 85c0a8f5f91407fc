/** What commands try without a running server, with the modules that a server has. */
@NullMarked
package io.dropserver.server.trial;

import org.jspecify.annotations.NullMarked;
