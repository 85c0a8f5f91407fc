/** Sets secrets on a server, and encrypts them in an instance repository. */
@NullMarked
package io.dropserver.cli.secret;

import org.jspecify.annotations.NullMarked;
