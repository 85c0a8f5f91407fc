/** The front door. */
@NullMarked
package io.dropserver.web;

import org.jspecify.annotations.NullMarked;
