@NullMarked
package io.dropserver.web.admin;

import org.jspecify.annotations.NullMarked;
