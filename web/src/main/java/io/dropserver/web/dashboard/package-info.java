/**
 * What admins and owners see of what is: the same as the command line shows, filtered by whose it
 * is, drawn by the server and live where there is script.
 */
@NullMarked
package io.dropserver.web.dashboard;

import org.jspecify.annotations.NullMarked;
