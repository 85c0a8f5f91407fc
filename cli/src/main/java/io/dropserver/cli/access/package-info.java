/** Decides on access: of users, and of apps to the internet. */
@NullMarked
package io.dropserver.cli.access;

import org.jspecify.annotations.NullMarked;
