/** How limits distinguish clients, and limits for the requests that the server reads. */
@NullMarked
package io.dropserver.web.client;

import org.jspecify.annotations.NullMarked;
