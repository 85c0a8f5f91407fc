/** Shows an appspace inside a page of the shell, and lets the framed documents talk to it. */
@NullMarked
package io.dropserver.web.frame;

import org.jspecify.annotations.NullMarked;
