/** Clients as limits count them, and the request bodies that this server reads itself. */
@NullMarked
package io.dropserver.web.client;

import org.jspecify.annotations.NullMarked;
