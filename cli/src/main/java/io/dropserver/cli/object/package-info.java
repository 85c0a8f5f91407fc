/** Shows the server and its objects: status, events, logs and use of resources. */
@NullMarked
package io.dropserver.cli.object;

import org.jspecify.annotations.NullMarked;
