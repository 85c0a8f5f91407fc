/**
 * Schedules, consistent copies, restic, restore and retention. Its place is kept; nothing is here
 * yet.
 */
@NullMarked
package io.dropserver.backup;

import org.jspecify.annotations.NullMarked;
