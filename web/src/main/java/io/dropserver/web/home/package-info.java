/** The shell's first page: what a person may open, with icon and state. */
@NullMarked
package io.dropserver.web.home;

import org.jspecify.annotations.NullMarked;
