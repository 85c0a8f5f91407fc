/**
 * Who somebody is: credentials, sessions, and the pages on which people log in and look after both.
 */
@NullMarked
package io.dropserver.web.identity;

import org.jspecify.annotations.NullMarked;
