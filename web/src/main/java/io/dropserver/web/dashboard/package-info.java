/**
 * The dashboard for admins and owners. It shows the same state as the command line, filtered by
 * ownership. The server renders it, and scripts keep it up to date.
 */
@NullMarked
package io.dropserver.web.dashboard;

import org.jspecify.annotations.NullMarked;
