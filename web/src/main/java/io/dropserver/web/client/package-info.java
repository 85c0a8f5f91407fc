/**
 * Identifies the clients to which limits apply, and limits their connections, and the headers and
 * bodies of their requests.
 */
@NullMarked
package io.dropserver.web.client;

import org.jspecify.annotations.NullMarked;
