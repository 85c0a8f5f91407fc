/**
 * Status of the instance as the control API, the dashboard and the command line show it: objects,
 * conditions with their reasons, events, logs, backups, users and secrets.
 */
@NullMarked
package io.dropserver.control;

import org.jspecify.annotations.NullMarked;
