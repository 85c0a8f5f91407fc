/** When backups are made; Quartz is the clock. */
@NullMarked
package io.dropserver.backup.schedule;

import org.jspecify.annotations.NullMarked;
