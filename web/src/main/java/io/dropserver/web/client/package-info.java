/** Clients as bounds count them, and what they send to this server itself. */
@NullMarked
package io.dropserver.web.client;

import org.jspecify.annotations.NullMarked;
