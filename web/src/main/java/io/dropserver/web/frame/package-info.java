/**
 * Shows an appspace in a frame of the shell's page, and connects the framed documents to that page.
 */
@NullMarked
package io.dropserver.web.frame;

import org.jspecify.annotations.NullMarked;
