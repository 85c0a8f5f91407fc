/**
 * Authenticates people: credentials, sessions, and the pages on which people log in and manage
 * both.
 */
@NullMarked
package io.dropserver.web.identity;

import org.jspecify.annotations.NullMarked;
