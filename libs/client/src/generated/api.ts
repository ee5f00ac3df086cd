/** Made from the OpenAPI document by scripts/generate.js: not written by hand. */
export type paths = {
  '/api/ambient': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What answers here
     * @description Needs: public.
     */
    get: operations['root'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/asyncapi': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The messages over NATS, as an AsyncAPI document
     * @description Needs: public.
     */
    get: operations['asyncapi'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/openapi': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * This document
     * @description Needs: public.
     */
    get: operations['openapi'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Projects the caller may see
     * @description Needs: user.
     */
    get: operations['projects.list'];
    put?: never;
    /**
     * Create a project; the creator becomes its owner
     * @description Needs: user.
     */
    post: operations['projects.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A project
     * @description Needs: viewer.
     */
    get: operations['projects.get'];
    put?: never;
    post?: never;
    /**
     * Delete a project
     * @description Needs: owner.
     */
    delete: operations['projects.delete'];
    options?: never;
    head?: never;
    /**
     * Change a project
     * @description Needs: owner.
     */
    patch: operations['projects.update'];
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/agents': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Agents of a project
     * @description Needs: viewer.
     */
    get: operations['agents.list'];
    put?: never;
    /**
     * Create an agent
     * @description Needs: editor.
     */
    post: operations['agents.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/agents/{agent_id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * An agent
     * @description Needs: viewer.
     */
    get: operations['agents.get'];
    put?: never;
    post?: never;
    /**
     * Delete an agent
     * @description Needs: owner.
     */
    delete: operations['agents.delete'];
    options?: never;
    head?: never;
    /**
     * Change an agent
     * @description Needs: editor.
     */
    patch: operations['agents.update'];
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/agents/{agent_id}/sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Sessions of an agent
     * @description Needs: viewer.
     */
    get: operations['agents.sessions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/agents/{agent_id}/start': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Preview of the starting prompt
     * @description Needs: viewer.
     */
    get: operations['agents.preview'];
    put?: never;
    /**
     * The active session of the agent, or a new one
     * @description Needs: editor.
     */
    post: operations['agents.start'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/audit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * All events of a project, oldest first; with Accept application/x-ndjson as lines that can be verified
     * @description Needs: owner.
     */
    get: operations['audit.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/audit/verify': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Recomputes every hash chain of a project
     * @description Needs: owner.
     */
    get: operations['audit.verify'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/scheduled-sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Schedules of a project
     * @description Needs: viewer.
     */
    get: operations['scheduledSessions.list'];
    put?: never;
    /**
     * Create a schedule
     * @description Needs: editor.
     */
    post: operations['scheduledSessions.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/scheduled-sessions/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A schedule, now or as of an instant
     * @description Needs: viewer.
     */
    get: operations['scheduledSessions.get'];
    put?: never;
    post?: never;
    /**
     * Delete a schedule
     * @description Needs: owner.
     */
    delete: operations['scheduledSessions.delete'];
    options?: never;
    head?: never;
    /**
     * Change a schedule
     * @description Needs: editor.
     */
    patch: operations['scheduledSessions.update'];
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/scheduled-sessions/{id}/backfill': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Runs for ticks of the past
     * @description Needs: editor.
     */
    post: operations['scheduledSessions.backfill'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/scheduled-sessions/{id}/explain': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether it was, is or will be due at an instant, what became of it, and why
     * @description Needs: viewer.
     */
    get: operations['scheduledSessions.explain'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/scheduled-sessions/{id}/history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Events of a schedule, oldest first
     * @description Needs: viewer.
     */
    get: operations['scheduledSessions.history'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/scheduled-sessions/{id}/resume': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Fire again
     * @description Needs: editor.
     */
    post: operations['scheduledSessions.resume'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/scheduled-sessions/{id}/runs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What became of each tick and trigger, newest first
     * @description Needs: viewer.
     */
    get: operations['scheduledSessions.runs'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/scheduled-sessions/{id}/suspend': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Stop firing
     * @description Needs: editor.
     */
    post: operations['scheduledSessions.suspend'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/scheduled-sessions/{id}/trigger': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Fire now
     * @description Needs: editor.
     */
    post: operations['scheduledSessions.trigger'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/scheduled-sessions/{id}/upcoming': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The next ticks
     * @description Needs: viewer.
     */
    get: operations['scheduledSessions.upcoming'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/projects/{project_id}/scheduled-sessions/actions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Suspend, resume, trigger or (as owner) delete all schedules that a search finds
     * @description Needs: editor.
     */
    post: operations['scheduledSessions.actions'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/role_bindings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Role bindings of projects the caller owns
     * @description Needs: user.
     */
    get: operations['roleBindings.list'];
    put?: never;
    /**
     * Grant a role
     * @description Needs: user.
     */
    post: operations['roleBindings.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/role_bindings/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A role binding
     * @description Needs: user.
     */
    get: operations['roleBindings.get'];
    put?: never;
    post?: never;
    /**
     * Revoke a role
     * @description Needs: user.
     */
    delete: operations['roleBindings.delete'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/roles': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The roles there are
     * @description Needs: user.
     */
    get: operations['roles.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/schedules/validate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Whether an expression and a zone are right, and when they would fire
     * @description Needs: user.
     */
    post: operations['schedules.validate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Sessions the caller may see
     * @description Needs: user.
     */
    get: operations['sessions.list'];
    put?: never;
    /**
     * Create a session
     * @description Needs: user.
     */
    post: operations['sessions.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A session, now or as of an instant
     * @description Needs: viewer.
     */
    get: operations['sessions.get'];
    put?: never;
    post?: never;
    /**
     * Delete a session
     * @description Needs: owner.
     */
    delete: operations['sessions.delete'];
    options?: never;
    head?: never;
    /**
     * Change a session
     * @description Needs: editor.
     */
    patch: operations['sessions.update'];
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}/clone': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * A new session with the same configuration
     * @description Needs: editor.
     */
    post: operations['sessions.clone'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}/displayname': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Rename
     * @description Needs: editor.
     */
    patch: operations['sessions.rename'];
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Session, messages and history in one document
     * @description Needs: viewer.
     */
    get: operations['sessions.export'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}/history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Events of a session, oldest first
     * @description Needs: viewer.
     */
    get: operations['sessions.history'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}/messages': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Messages: a bare array, or with Accept text/event-stream a live stream
     * @description Needs: viewer.
     */
    get: operations['sessions.messages'];
    put?: never;
    /**
     * Append a message
     * @description Needs: writer.
     */
    post: operations['sessions.addMessage'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}/model': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Set the model
     * @description Needs: editor.
     */
    post: operations['sessions.setModel'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}/pod-events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Conditions that the runtime reported, oldest first
     * @description Needs: viewer.
     */
    get: operations['sessions.podEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}/repos': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Add a repository
     * @description Needs: editor.
     */
    post: operations['sessions.addRepo'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}/repos/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Remove a repository
     * @description Needs: editor.
     */
    delete: operations['sessions.removeRepo'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}/start': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Start
     * @description Needs: editor.
     */
    post: operations['sessions.start'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}/status': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Report of the runtime
     * @description Needs: runtime.
     */
    patch: operations['sessions.status'];
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}/stop': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Ask to stop
     * @description Needs: editor.
     */
    post: operations['sessions.stop'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}/workflow': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Set the workflow
     * @description Needs: editor.
     */
    post: operations['sessions.setWorkflow'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/sessions/{id}/workflow/metadata': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The workflow
     * @description Needs: viewer.
     */
    get: operations['sessions.workflow'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/ambient/v1/version': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Version of the service
     * @description Needs: public.
     */
    get: operations['version'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
};
export type webhooks = Record<string, never>;
export type components = {
  schemas: {
    Agent: {
      annotations?: components['schemas']['JsonObjectText'];
      bot_account_name?: components['schemas']['ShortText'];
      created_at: components['schemas']['Timestamp'];
      current_session_id?: components['schemas']['Ksuid'];
      description?: components['schemas']['Text'];
      display_name?: components['schemas']['ShortText'];
      environment_variables?: components['schemas']['SecretsText'];
      href: string;
      id: string;
      kind: string;
      labels?: components['schemas']['JsonObjectText'];
      llm_max_tokens?: number;
      llm_model?: string;
      llm_temperature?: number;
      name: components['schemas']['Name'];
      owner_user_id: string;
      parent_agent_id?: components['schemas']['ShortText'];
      project_id: components['schemas']['ProjectName'];
      prompt?: components['schemas']['Text'];
      repo_url?: components['schemas']['ShortText'];
      resource_overrides?: components['schemas']['JsonObjectText'];
      updated_at: components['schemas']['Timestamp'];
      workflow_id?: components['schemas']['Text'];
    };
    AgentChanges: {
      annotations?: components['schemas']['JsonObjectText'] | null;
      bot_account_name?: components['schemas']['ShortText'] | null;
      description?: components['schemas']['Text'] | null;
      display_name?: components['schemas']['ShortText'] | null;
      environment_variables?: components['schemas']['SecretsText'] | null;
      labels?: components['schemas']['JsonObjectText'] | null;
      llm_max_tokens?: number | null;
      llm_model?: string | null;
      llm_temperature?: number | null;
      name?: components['schemas']['Name'];
      parent_agent_id?: components['schemas']['ShortText'] | null;
      prompt?: components['schemas']['Text'] | null;
      repo_url?: components['schemas']['ShortText'] | null;
      resource_overrides?: components['schemas']['JsonObjectText'] | null;
      workflow_id?: components['schemas']['Text'] | null;
    };
    AgentCreate: {
      annotations?: components['schemas']['JsonObjectText'];
      bot_account_name?: components['schemas']['ShortText'];
      description?: components['schemas']['Text'];
      display_name?: components['schemas']['ShortText'];
      environment_variables?: components['schemas']['SecretsText'];
      labels?: components['schemas']['JsonObjectText'];
      llm_max_tokens?: number;
      llm_model?: string;
      llm_temperature?: number;
      name: components['schemas']['Name'];
      parent_agent_id?: components['schemas']['ShortText'];
      prompt?: components['schemas']['Text'];
      repo_url?: components['schemas']['ShortText'];
      resource_overrides?: components['schemas']['JsonObjectText'];
      workflow_id?: components['schemas']['Text'];
    };
    AgentList: {
      items: components['schemas']['Agent'][];
      /** @constant */
      kind: 'AgentList';
      page: number;
      size: number;
      total: number;
    };
    AgentStart: {
      prompt?: components['schemas']['Text'];
    };
    AgentStarted: {
      created: boolean;
      session: components['schemas']['Session'];
      starting_prompt: string;
    };
    AuditList: {
      items: {
        actor: components['schemas']['EventActor'];
        hash: string;
        metadata: {
          [key: string]: unknown;
        };
        occurred_at: string;
        payload: {
          [key: string]: unknown;
        };
        /** @description Where the event stands in the log. */
        position: string;
        revision: number;
        stream: string;
        type: string;
      }[];
      /** @constant */
      kind: 'AuditList';
      /** @description There is more of the log to look at: ask again with this as `after`. Absent at its end. */
      next?: string;
      size: number;
    };
    AuditVerification: {
      events: number;
      first_bad?: {
        problem: string;
        revision: number;
        stream: string;
      };
      /** @description Streams whose chain was recomputed. */
      streams: number;
      valid: boolean;
    };
    Backfill: {
      /** @description Answer the ticks, and run none. */
      dry_run?: boolean;
      from: components['schemas']['Instant'];
      overlap_policy?: components['schemas']['OverlapPolicy'];
      to: components['schemas']['Instant'];
    };
    Backfilled: {
      /** @description What became of each tick, in their order, without the prompt, which is one for all. Empty after a dry run. */
      runs: components['schemas']['Run'][];
      ticks: components['schemas']['Tick'][];
    };
    /** @enum {unknown} */
    CatchUpPolicy: 'none' | 'latest' | 'all';
    ErrorEnvelope: {
      code: string;
      detail: string;
      errors?: components['schemas']['FieldError'][];
      href: string;
      id: string;
      /** @constant */
      kind: 'Error';
      operation_id: string;
      reason: string;
      status: number;
      title: string;
      type: string;
    };
    EventActor: {
      id: string;
      kind: string;
    };
    EventList: {
      items: {
        actor: components['schemas']['EventActor'];
        hash: string;
        metadata: {
          [key: string]: unknown;
        };
        occurred_at: string;
        payload: {
          [key: string]: unknown;
        };
        revision: number;
        stream: string;
        type: string;
      }[];
      /** @constant */
      kind: 'EventList';
      size: number;
    };
    EventReference: {
      actor: {
        id: string;
        /** @enum {unknown} */
        kind: 'user' | 'service' | 'scheduler' | 'runtime' | 'policy';
      };
      /** Format: uuid */
      event_id: string;
      occurred_at: components['schemas']['Timestamp'];
      revision: number;
      stream: string;
      type: string;
    };
    Explanation: {
      at: components['schemas']['Timestamp'];
      /** @description The same for people, in a sentence or two. */
      because: string;
      /** @description A change of the clock that has to do with it: a local time that is skipped, or that occurs twice, and when it is due. */
      clock?: {
        due_at?: components['schemas']['Timestamp'];
        /** @enum {unknown} */
        kind: 'gap' | 'overlap';
        /** @description RFC 3339 without offset: a time of the clock in the zone of the schedule. */
        local: string;
      };
      configuration?: {
        /** @description An agent of the same project. */
        agent_id?: string;
        catch_up_policy: components['schemas']['CatchUpPolicy'];
        catch_up_window: components['schemas']['Seconds'];
        enabled: boolean;
        end_at?: components['schemas']['Instant'];
        /** @description Seconds by which the start of a tick may be delayed. */
        jitter: number;
        max_runs?: number;
        name: components['schemas']['Name'];
        overlap_policy: components['schemas']['OverlapPolicy'];
        /** @description A run whose session fails suspends the schedule. */
        pause_on_failure: boolean;
        /** @description Of the event in the stream of the schedule since which it holds. */
        revision: number;
        /** @description A cron expression of five fields, or @hourly, @daily, @weekly, @monthly, @yearly. */
        schedule: string;
        since: components['schemas']['Timestamp'];
        start_at?: components['schemas']['Instant'];
        suspended_reason?: string;
        /** @description An IANA time zone name. */
        timezone: string;
      };
      decided_by: components['schemas']['EventReference'];
      due: boolean;
      explained_at: components['schemas']['Timestamp'];
      /** @description Whether the expression names this instant, the rest of the configuration aside. */
      in_expression: boolean;
      /** @constant */
      kind: 'Explanation';
      /** @description From the tick to its decision; while there is none, to this answer. A range of missed ticks has one decision. */
      lateness_ms?: number;
      /** @description The instant in the offset of the zone of the schedule. */
      local?: string;
      next_tick?: components['schemas']['Timestamp'];
      /** @description Runs by hand and backfills of that second, oldest first; at most 100. */
      other_runs: components['schemas']['Run'][];
      /** @description The fields of the configuration that decided, or will decide, with their values. */
      policy: {
        [key: string]: string | number | boolean;
      };
      previous_tick?: components['schemas']['Timestamp'];
      project_id: string;
      /** @enum {unknown} */
      reason:
        | 'not_created_yet'
        | 'deleted'
        | 'disabled'
        | 'before_start_at'
        | 'after_end_at'
        | 'max_runs_exhausted'
        | 'clock_gap'
        | 'clock_overlap'
        | 'changed_after'
        | 'changed_before'
        | 'not_in_expression'
        | 'will_be_due'
        | 'will_be_due_if_runs_are_left'
        | 'awaiting_decision'
        | 'delayed_by_jitter'
        | 'on_schedule'
        | 'caught_up'
        | 'had_waited'
        | 'active_session'
        | 'agent_deleted'
        | 'schedule_deleted'
        | 'forbidden'
        | 'catch_up_none'
        | 'outside_catch_up_window'
        | 'superseded_by_later_tick'
        | 'queue_full'
        | 'superseded'
        | 'as_recorded';
      run?: components['schemas']['Run'];
      scheduled_session_id: string;
      /** @description The session that was started, or that stood in the way, and its phase now. */
      session?: {
        /** @constant */
        deleted?: true;
        id: string;
        phase: string;
      };
      starts_at?: components['schemas']['Timestamp'];
      /** @enum {unknown} */
      verdict: 'not_due' | 'upcoming' | 'pending' | 'started' | 'skipped' | 'missed' | 'queued' | 'dropped';
    };
    FieldError: {
      message: string;
      path: string;
    };
    /**
     * Format: date-time
     * @description an RFC 3339 instant, for example 2026-01-31T09:00:00Z
     */
    Instant: string;
    /**
     * Format: json-array
     * @description a JSON array as text
     */
    JsonArrayText: string;
    /**
     * Format: json-object
     * @description a JSON object as text, for example {"team":"blue"}
     */
    JsonObjectText: string;
    Ksuid: string;
    /** @description a name of 1 to 255 characters that are not all blanks */
    Name: string;
    /** @enum {unknown} */
    OverlapPolicy: 'skip' | 'queue' | 'replace' | 'allow';
    /** @enum {unknown} */
    Phase: 'Pending' | 'Creating' | 'Running' | 'Stopping' | 'Stopped' | 'Completed' | 'Failed';
    Project: {
      annotations?: components['schemas']['JsonObjectText'];
      created_at: components['schemas']['Timestamp'];
      description?: components['schemas']['Text'];
      href: string;
      id: string;
      kind: string;
      labels?: components['schemas']['JsonObjectText'];
      name: components['schemas']['ProjectName'];
      prompt?: components['schemas']['Text'];
      status?: components['schemas']['ShortText'];
      updated_at: components['schemas']['Timestamp'];
    };
    ProjectChanges: {
      annotations?: components['schemas']['JsonObjectText'] | null;
      description?: components['schemas']['Text'] | null;
      labels?: components['schemas']['JsonObjectText'] | null;
      prompt?: components['schemas']['Text'] | null;
      status?: components['schemas']['ShortText'] | null;
    };
    ProjectCreate: {
      annotations?: components['schemas']['JsonObjectText'];
      description?: components['schemas']['Text'];
      labels?: components['schemas']['JsonObjectText'];
      name: components['schemas']['ProjectName'];
      prompt?: components['schemas']['Text'];
      status?: components['schemas']['ShortText'];
    };
    ProjectList: {
      items: components['schemas']['Project'][];
      /** @constant */
      kind: 'ProjectList';
      page: number;
      size: number;
      total: number;
    };
    /** @description a DNS-1123 label: lower case letters, digits and hyphens, a letter or digit at both ends, at most 63 characters */
    ProjectName: string;
    Role: {
      /** @constant */
      built_in: true;
      description: string;
      display_name: string;
      href: string;
      id: components['schemas']['RoleId'];
      /** @constant */
      kind: 'Role';
      name: components['schemas']['RoleId'];
    };
    RoleBinding: {
      created_at: components['schemas']['Timestamp'];
      href: string;
      id: string;
      kind: string;
      project_id?: components['schemas']['ProjectName'];
      role_id: components['schemas']['RoleId'];
      /** @enum {unknown} */
      scope: 'global' | 'project';
      updated_at: components['schemas']['Timestamp'];
      user_id: string;
    };
    RoleBindingCreate: {
      project_id?: components['schemas']['ProjectName'];
      role_id: components['schemas']['RoleId'];
      /** @enum {unknown} */
      scope: 'global' | 'project';
      user_id: string;
    };
    RoleBindingList: {
      items: components['schemas']['RoleBinding'][];
      /** @constant */
      kind: 'RoleBindingList';
      page: number;
      size: number;
      total: number;
    };
    /** @enum {unknown} */
    RoleId: 'platform:admin' | 'platform:viewer' | 'project:owner' | 'project:editor' | 'project:viewer' | 'runtime';
    RoleList: {
      items: components['schemas']['Role'][];
      /** @constant */
      kind: 'RoleList';
      page: number;
      size: number;
      total: number;
    };
    Run: {
      agent_id?: string;
      decided_at: components['schemas']['Timestamp'];
      finished_at?: components['schemas']['Timestamp'];
      /** Format: uuid */
      id: string;
      lateness_ms: number;
      missed_count?: number;
      missed_through?: components['schemas']['Timestamp'];
      outcome: components['schemas']['RunOutcome'];
      project_id: components['schemas']['ProjectName'];
      prompt?: string;
      reason?: string;
      requested_by?: string;
      scheduled_for: components['schemas']['Timestamp'];
      scheduled_session_id: components['schemas']['Ksuid'];
      session_id?: components['schemas']['Ksuid'];
      session_phase?: string;
      trigger: components['schemas']['RunTrigger'];
    };
    RunList: {
      items: {
        id: string;
        name: string;
        phase: string;
        run: components['schemas']['Run'];
      }[];
      /** @constant */
      kind: 'SessionList';
      page: number;
      size: number;
      total: number;
    };
    /** @enum {unknown} */
    RunOutcome: 'started' | 'skipped' | 'missed' | 'queued' | 'dropped';
    /** @enum {unknown} */
    RunTrigger: 'schedule' | 'catch_up' | 'manual' | 'backfill';
    ScheduledSession: {
      /** @description An agent of the same project. */
      agent_id?: string;
      catch_up_policy: components['schemas']['CatchUpPolicy'];
      catch_up_window: components['schemas']['Seconds'];
      created_at: components['schemas']['Timestamp'];
      created_by_user_id: string;
      description?: components['schemas']['Text'];
      enabled: boolean;
      end_at?: components['schemas']['Instant'];
      href: string;
      id: string;
      inactivity_timeout?: components['schemas']['Seconds'];
      /** @description Seconds by which the start of a tick may be delayed. */
      jitter: number;
      kind: string;
      last_run_at?: components['schemas']['Timestamp'];
      max_runs?: number;
      name: components['schemas']['Name'];
      next_run_at?: components['schemas']['Timestamp'];
      overlap_policy: components['schemas']['OverlapPolicy'];
      /** @description A run whose session fails suspends the schedule. */
      pause_on_failure: boolean;
      project_id: components['schemas']['ProjectName'];
      runner_type?: components['schemas']['ShortText'];
      runs_count: number;
      /** @description A cron expression of five fields, or @hourly, @daily, @weekly, @monthly, @yearly. */
      schedule: string;
      session_prompt?: components['schemas']['Text'];
      start_at?: components['schemas']['Instant'];
      stop_on_run_finished?: boolean;
      suspended_reason?: string;
      timeout?: components['schemas']['Seconds'];
      /** @description An IANA time zone name. */
      timezone: string;
      updated_at: components['schemas']['Timestamp'];
    };
    ScheduledSessionAction: {
      /** @enum {unknown} */
      action: 'suspend' | 'resume' | 'trigger' | 'delete';
      reason?: string;
      /** @description a search as lists take it, for example name like 'nightly-%' */
      search: string;
    };
    ScheduledSessionActions: {
      /** @enum {unknown} */
      action: 'suspend' | 'resume' | 'trigger' | 'delete';
      failed: number;
      items: {
        /** @description Why it failed. */
        error?: string;
        id: components['schemas']['Ksuid'];
        name: string;
        /** @enum {unknown} */
        result: 'changed' | 'unchanged' | 'triggered' | 'skipped' | 'queued' | 'deleted' | 'failed';
        /** Format: uuid */
        run_id?: string;
      }[];
      /** @constant */
      kind: 'ScheduledSessionActions';
      /** @description All that did not fail. */
      succeeded: number;
      total: number;
    };
    ScheduledSessionChanges: {
      agent_id?: string | null;
      catch_up_policy?: components['schemas']['CatchUpPolicy'];
      catch_up_window?: components['schemas']['Seconds'];
      description?: components['schemas']['Text'] | null;
      enabled?: boolean;
      end_at?: components['schemas']['Instant'] | null;
      inactivity_timeout?: components['schemas']['Seconds'] | null;
      /** @description Seconds by which the start of a tick may be delayed. */
      jitter?: number;
      max_runs?: number | null;
      name?: components['schemas']['Name'];
      overlap_policy?: components['schemas']['OverlapPolicy'];
      /** @description A run whose session fails suspends the schedule. */
      pause_on_failure?: boolean;
      runner_type?: components['schemas']['ShortText'] | null;
      /** @description A cron expression of five fields, or @hourly, @daily, @weekly, @monthly, @yearly. */
      schedule?: string;
      session_prompt?: components['schemas']['Text'] | null;
      start_at?: components['schemas']['Instant'] | null;
      stop_on_run_finished?: boolean | null;
      timeout?: components['schemas']['Seconds'] | null;
      /** @description An IANA time zone name. */
      timezone?: string;
    };
    ScheduledSessionCreate: {
      /** @description An agent of the same project. */
      agent_id?: string;
      catch_up_policy?: components['schemas']['CatchUpPolicy'];
      catch_up_window?: components['schemas']['Seconds'];
      description?: components['schemas']['Text'];
      enabled?: boolean;
      end_at?: components['schemas']['Instant'];
      inactivity_timeout?: components['schemas']['Seconds'];
      /** @description Seconds by which the start of a tick may be delayed. */
      jitter?: number;
      max_runs?: number;
      name: components['schemas']['Name'];
      overlap_policy?: components['schemas']['OverlapPolicy'];
      /** @description A run whose session fails suspends the schedule. */
      pause_on_failure?: boolean;
      runner_type?: components['schemas']['ShortText'];
      /** @description A cron expression of five fields, or @hourly, @daily, @weekly, @monthly, @yearly. */
      schedule: string;
      session_prompt?: components['schemas']['Text'];
      start_at?: components['schemas']['Instant'];
      stop_on_run_finished?: boolean;
      timeout?: components['schemas']['Seconds'];
      /** @description An IANA time zone name. */
      timezone?: string;
    };
    ScheduledSessionList: {
      items: components['schemas']['ScheduledSession'][];
      /** @constant */
      kind: 'ScheduledSessionList';
      page: number;
      size: number;
      total: number;
    };
    ScheduleValidate: {
      /** @description How many ticks; default 10. */
      count?: number;
      schedule: string;
      timezone?: string;
    };
    ScheduleValidation:
      | {
          /** @description The cron expression in words. */
          description: string;
          items: components['schemas']['Tick'][];
          /** @constant */
          valid: true;
        }
      | {
          errors: components['schemas']['FieldError'][];
          /** @constant */
          valid: false;
        };
    /** @description Seconds. */
    Seconds: number;
    /**
     * Format: json-object-of-strings
     * @description a JSON object of strings as text, for example {"LOG_LEVEL":"debug"}
     */
    SecretsText: string;
    Session: {
      agent_id?: components['schemas']['Ksuid'];
      annotations?: components['schemas']['JsonObjectText'];
      assigned_user_id?: components['schemas']['ShortText'];
      bot_account_name?: components['schemas']['ShortText'];
      completion_time?: components['schemas']['Timestamp'];
      conditions?: components['schemas']['JsonArrayText'];
      created_at: components['schemas']['Timestamp'];
      created_by_user_id: string;
      environment_variables?: components['schemas']['SecretsText'];
      href: string;
      id: string;
      inactivity_timeout?: components['schemas']['Seconds'];
      kind: string;
      kube_cr_name: string;
      kube_cr_uid?: components['schemas']['ShortText'];
      kube_namespace?: components['schemas']['ShortText'];
      labels?: components['schemas']['JsonObjectText'];
      last_activity_at?: components['schemas']['Timestamp'];
      llm_max_tokens: number;
      llm_model: string;
      llm_temperature: number;
      name: components['schemas']['Name'];
      parent_session_id?: components['schemas']['ShortText'];
      phase: components['schemas']['Phase'] | '';
      project_id?: components['schemas']['ProjectName'];
      prompt?: components['schemas']['Text'];
      reconciled_repos?: components['schemas']['JsonArrayText'];
      reconciled_workflow?: components['schemas']['JsonObjectText'];
      repo_url?: components['schemas']['ShortText'];
      repos?: components['schemas']['JsonArrayText'];
      resource_overrides?: components['schemas']['JsonObjectText'];
      runner_type?: components['schemas']['ShortText'];
      scheduled_for?: components['schemas']['Timestamp'];
      scheduled_session_id?: components['schemas']['Ksuid'];
      sdk_restart_count?: number;
      sdk_session_id?: components['schemas']['ShortText'];
      start_time?: components['schemas']['Timestamp'];
      stop_on_run_finished?: boolean;
      timeout?: components['schemas']['Seconds'];
      updated_at: components['schemas']['Timestamp'];
      workflow_id?: components['schemas']['JsonObjectText'];
    };
    SessionChanges: {
      annotations?: components['schemas']['JsonObjectText'] | null;
      assigned_user_id?: components['schemas']['ShortText'] | null;
      bot_account_name?: components['schemas']['ShortText'] | null;
      environment_variables?: components['schemas']['SecretsText'] | null;
      inactivity_timeout?: components['schemas']['Seconds'] | null;
      labels?: components['schemas']['JsonObjectText'] | null;
      llm_max_tokens?: number;
      llm_model?: string;
      llm_temperature?: number;
      name?: components['schemas']['Name'];
      parent_session_id?: components['schemas']['ShortText'] | null;
      prompt?: components['schemas']['Text'] | null;
      repo_url?: components['schemas']['ShortText'] | null;
      repos?: components['schemas']['JsonArrayText'] | null;
      resource_overrides?: components['schemas']['JsonObjectText'] | null;
      runner_type?: components['schemas']['ShortText'] | null;
      stop_on_run_finished?: boolean | null;
      timeout?: components['schemas']['Seconds'] | null;
      workflow_id?: components['schemas']['JsonObjectText'] | null;
    };
    SessionClone: {
      name?: components['schemas']['Name'];
    };
    SessionCreate: {
      agent_id?: components['schemas']['Ksuid'];
      annotations?: components['schemas']['JsonObjectText'];
      assigned_user_id?: components['schemas']['ShortText'];
      bot_account_name?: components['schemas']['ShortText'];
      environment_variables?: components['schemas']['SecretsText'];
      inactivity_timeout?: components['schemas']['Seconds'];
      labels?: components['schemas']['JsonObjectText'];
      llm_max_tokens?: number;
      llm_model?: string;
      llm_temperature?: number;
      name: components['schemas']['Name'];
      parent_session_id?: components['schemas']['ShortText'];
      project_id?: components['schemas']['ProjectName'];
      prompt?: components['schemas']['Text'];
      repo_url?: components['schemas']['ShortText'];
      repos?: components['schemas']['JsonArrayText'];
      resource_overrides?: components['schemas']['JsonObjectText'];
      runner_type?: components['schemas']['ShortText'];
      stop_on_run_finished?: boolean;
      timeout?: components['schemas']['Seconds'];
      workflow_id?: components['schemas']['JsonObjectText'];
    };
    SessionExport: {
      export_at: string;
      history: unknown[];
      messages: components['schemas']['SessionMessage'][];
      session: components['schemas']['Session'];
      /** @constant */
      version: '1';
    };
    SessionList: {
      items: components['schemas']['Session'][];
      /** @constant */
      kind: 'SessionList';
      page: number;
      size: number;
      total: number;
    };
    SessionMessage: {
      created_at: components['schemas']['Timestamp'];
      event_type: string;
      id: string;
      payload: string;
      seq: number;
      session_id: components['schemas']['Ksuid'];
    };
    SessionMessageCreate: {
      event_type?: string;
      payload: string;
    };
    SessionModelSet: {
      model: string;
    };
    SessionRename: {
      name: components['schemas']['Name'];
    };
    SessionRepo: {
      branch: string;
      name: string;
      url: string;
    };
    SessionRepoCreate: {
      branch?: string;
      name?: string;
      url: string;
    };
    SessionStatus: {
      completion_time?: components['schemas']['Instant'];
      conditions?: components['schemas']['JsonArrayText'];
      kube_cr_uid?: components['schemas']['ShortText'];
      kube_namespace?: components['schemas']['ShortText'];
      phase?: components['schemas']['Phase'];
      reconciled_repos?: components['schemas']['JsonArrayText'];
      reconciled_workflow?: components['schemas']['JsonObjectText'];
      sdk_restart_count?: number;
      sdk_session_id?: components['schemas']['ShortText'];
      start_time?: components['schemas']['Instant'];
    };
    SessionWorkflow: {
      branch: string;
      git_url: string;
      path?: components['schemas']['ShortText'];
    };
    SessionWorkflowMetadata: {
      workflow: components['schemas']['SessionWorkflow'] | null;
    };
    SessionWorkflowSet: {
      branch?: string;
      git_url: string;
      path?: components['schemas']['ShortText'];
    };
    ShortText: string;
    Text: string;
    Tick: {
      local: string;
      scheduled_for: string;
    };
    Timestamp: string;
    Trigger: {
      overlap_policy?: components['schemas']['OverlapPolicy'];
      prompt?: components['schemas']['Text'];
    };
    Triggered: {
      reason?: string;
      run: components['schemas']['Run'];
      session?: components['schemas']['Session'];
      /** @enum {unknown} */
      status: 'triggered' | 'skipped' | 'queued';
    };
    UpcomingTicks: {
      /** @description The cron expression in words. */
      description: string;
      items: components['schemas']['Tick'][];
      schedule: string;
      timezone: string;
    };
    WithReason: {
      reason?: string;
    };
  };
  responses: {
    /** @description Any other error */
    Error: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Validation failed (error 8), Malformed request (error 17), Bad request (error 21), Bad search (error 23) */
    Error400: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Unauthenticated (error 15) */
    Error401: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Forbidden (error 4) */
    Error403: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Not found (error 7) */
    Error404: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Method not allowed (error 405) */
    Error405: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Conflict (error 6) */
    Error409: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Precondition failed (error 412) */
    Error412: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Content too large (error 413) */
    Error413: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Idempotency key reused (error 422) */
    Error422: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Too many requests (error 429) */
    Error429: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Unexpected error (error 9) */
    Error500: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Not implemented (error 501) */
    Error501: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Upstream unreachable (error 502) */
    Error502: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Not available (error 503) */
    Error503: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
    /** @description Upstream too slow (error 504) */
    Error504: {
      headers: {
        'X-Operation-ID': components['headers']['X-Operation-ID'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorEnvelope'];
      };
    };
  };
  parameters: {
    /** @description Answer at once, perhaps without the newest writes. */
    consistency: 'eventual';
    /** @description Comma list of the fields to answer; `id` is always among them. */
    fields: string;
    /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
    idempotencyKey: string;
    /** @description An ETag: 412 unless the resource still has it. */
    ifMatch: string;
    /** @description Of a live stream: go on after this message. */
    lastEventId: number;
    /** @description Comma list of `field [asc|desc]`; after them by creation, then id. */
    orderBy: string;
    /** @description A page past the end is empty. */
    page: number;
    /** @description For example `name like 'a%' and enabled = 'true'`. */
    search: string;
    /** @description Items on a page; more than 500 counts as 500. */
    size: number;
  };
  requestBodies: never;
  headers: {
    /** @description The revision of the resource, in double quotes. */
    ETag: string;
    /** @description Finds the request in the log. */
    'X-Operation-ID': string;
    /** @description So many events are not in this answer yet. */
    'X-Read-Lag-Events': number;
  };
  pathItems: never;
};
export type $defs = Record<string, never>;
export interface operations {
  root: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What answers here */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  asyncapi: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The messages over NATS, as an AsyncAPI document */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  openapi: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description This document */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'projects.list': {
    parameters: {
      query?: {
        /** @description Answer at once, perhaps without the newest writes. */
        consistency?: components['parameters']['consistency'];
        /** @description Comma list of the fields to answer; `id` is always among them. */
        fields?: components['parameters']['fields'];
        /** @description Comma list of `field [asc|desc]`; after them by creation, then id. */
        orderBy?: components['parameters']['orderBy'];
        /** @description A page past the end is empty. */
        page?: components['parameters']['page'];
        /** @description For example `name like 'a%' and enabled = 'true'`. */
        search?: components['parameters']['search'];
        /** @description Items on a page; more than 500 counts as 500. */
        size?: components['parameters']['size'];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Projects the caller may see */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          'X-Read-Lag-Events': components['headers']['X-Read-Lag-Events'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ProjectList'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'projects.create': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ProjectCreate'];
      };
    };
    responses: {
      /** @description Create a project; the creator becomes its owner */
      201: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Project'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      409: components['responses']['Error409'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'projects.get': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A project */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Project'];
        };
      };
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'projects.delete': {
    parameters: {
      query?: never;
      header?: {
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content?: never;
      };
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'projects.update': {
    parameters: {
      query?: never;
      header?: {
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        project_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ProjectChanges'];
      };
    };
    responses: {
      /** @description Change a project */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Project'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      413: components['responses']['Error413'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'agents.list': {
    parameters: {
      query?: {
        /** @description Answer at once, perhaps without the newest writes. */
        consistency?: components['parameters']['consistency'];
        /** @description Comma list of the fields to answer; `id` is always among them. */
        fields?: components['parameters']['fields'];
        /** @description Comma list of `field [asc|desc]`; after them by creation, then id. */
        orderBy?: components['parameters']['orderBy'];
        /** @description A page past the end is empty. */
        page?: components['parameters']['page'];
        /** @description For example `name like 'a%' and enabled = 'true'`. */
        search?: components['parameters']['search'];
        /** @description Items on a page; more than 500 counts as 500. */
        size?: components['parameters']['size'];
      };
      header?: never;
      path: {
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Agents of a project */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          'X-Read-Lag-Events': components['headers']['X-Read-Lag-Events'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AgentList'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'agents.create': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
      };
      path: {
        project_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['AgentCreate'];
      };
    };
    responses: {
      /** @description Create an agent */
      201: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Agent'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'agents.get': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent_id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description An agent */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Agent'];
        };
      };
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'agents.delete': {
    parameters: {
      query?: never;
      header?: {
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        agent_id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content?: never;
      };
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'agents.update': {
    parameters: {
      query?: never;
      header?: {
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        agent_id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['AgentChanges'];
      };
    };
    responses: {
      /** @description Change an agent */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Agent'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      413: components['responses']['Error413'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'agents.sessions': {
    parameters: {
      query?: {
        /** @description Answer at once, perhaps without the newest writes. */
        consistency?: components['parameters']['consistency'];
        /** @description Comma list of the fields to answer; `id` is always among them. */
        fields?: components['parameters']['fields'];
        /** @description Comma list of `field [asc|desc]`; after them by creation, then id. */
        orderBy?: components['parameters']['orderBy'];
        /** @description A page past the end is empty. */
        page?: components['parameters']['page'];
        /** @description For example `name like 'a%' and enabled = 'true'`. */
        search?: components['parameters']['search'];
        /** @description Items on a page; more than 500 counts as 500. */
        size?: components['parameters']['size'];
      };
      header?: never;
      path: {
        agent_id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Sessions of an agent */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          'X-Read-Lag-Events': components['headers']['X-Read-Lag-Events'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionList'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'agents.preview': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        agent_id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Preview of the starting prompt */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'text/plain': string;
        };
      };
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'agents.start': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        agent_id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['AgentStart'];
      };
    };
    responses: {
      /** @description The active session of the agent, or a new one */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AgentStarted'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'audit.list': {
    parameters: {
      query?: {
        actor?: string;
        after?: string;
        from?: string;
        limit?: number;
        to?: string;
        type?: string;
      };
      header?: never;
      path: {
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All events of a project, oldest first; with Accept application/x-ndjson as lines that can be verified */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AuditList'];
          'application/x-ndjson': string;
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'audit.verify': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Recomputes every hash chain of a project */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AuditVerification'];
        };
      };
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'scheduledSessions.list': {
    parameters: {
      query?: {
        /** @description Answer at once, perhaps without the newest writes. */
        consistency?: components['parameters']['consistency'];
        /** @description Comma list of the fields to answer; `id` is always among them. */
        fields?: components['parameters']['fields'];
        /** @description Comma list of `field [asc|desc]`; after them by creation, then id. */
        orderBy?: components['parameters']['orderBy'];
        /** @description A page past the end is empty. */
        page?: components['parameters']['page'];
        /** @description For example `name like 'a%' and enabled = 'true'`. */
        search?: components['parameters']['search'];
        /** @description Items on a page; more than 500 counts as 500. */
        size?: components['parameters']['size'];
      };
      header?: never;
      path: {
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Schedules of a project */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          'X-Read-Lag-Events': components['headers']['X-Read-Lag-Events'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduledSessionList'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'scheduledSessions.create': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
      };
      path: {
        project_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ScheduledSessionCreate'];
      };
    };
    responses: {
      /** @description Create a schedule */
      201: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduledSession'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'scheduledSessions.get': {
    parameters: {
      query?: {
        as_of?: string;
      };
      header?: never;
      path: {
        id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A schedule, now or as of an instant */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduledSession'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'scheduledSessions.delete': {
    parameters: {
      query?: never;
      header?: {
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content?: never;
      };
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'scheduledSessions.update': {
    parameters: {
      query?: never;
      header?: {
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ScheduledSessionChanges'];
      };
    };
    responses: {
      /** @description Change a schedule */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduledSession'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      413: components['responses']['Error413'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'scheduledSessions.backfill': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
      };
      path: {
        id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Backfill'];
      };
    };
    responses: {
      /** @description Runs for ticks of the past */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Backfilled'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'scheduledSessions.explain': {
    parameters: {
      query?: {
        at?: string;
      };
      header?: never;
      path: {
        id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Whether it was, is or will be due at an instant, what became of it, and why */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Explanation'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'scheduledSessions.history': {
    parameters: {
      query?: {
        after?: number;
        limit?: number;
      };
      header?: never;
      path: {
        id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Events of a schedule, oldest first */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventList'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'scheduledSessions.resume': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['WithReason'];
      };
    };
    responses: {
      /** @description Fire again */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduledSession'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'scheduledSessions.runs': {
    parameters: {
      query?: {
        /** @description Answer at once, perhaps without the newest writes. */
        consistency?: components['parameters']['consistency'];
        /** @description Comma list of the fields to answer; `id` is always among them. */
        fields?: components['parameters']['fields'];
        /** @description Comma list of `field [asc|desc]`; after them by creation, then id. */
        orderBy?: components['parameters']['orderBy'];
        /** @description A page past the end is empty. */
        page?: components['parameters']['page'];
        /** @description For example `name like 'a%' and enabled = 'true'`. */
        search?: components['parameters']['search'];
        /** @description Items on a page; more than 500 counts as 500. */
        size?: components['parameters']['size'];
      };
      header?: never;
      path: {
        id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What became of each tick and trigger, newest first */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          'X-Read-Lag-Events': components['headers']['X-Read-Lag-Events'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RunList'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'scheduledSessions.suspend': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['WithReason'];
      };
    };
    responses: {
      /** @description Stop firing */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduledSession'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'scheduledSessions.trigger': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['Trigger'];
      };
    };
    responses: {
      /** @description Fire now */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Triggered'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'scheduledSessions.upcoming': {
    parameters: {
      query?: {
        after?: string;
        count?: number;
      };
      header?: never;
      path: {
        id: string;
        project_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The next ticks */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['UpcomingTicks'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'scheduledSessions.actions': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
      };
      path: {
        project_id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ScheduledSessionAction'];
      };
    };
    responses: {
      /** @description Suspend, resume, trigger or (as owner) delete all schedules that a search finds */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduledSessionActions'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'roleBindings.list': {
    parameters: {
      query?: {
        /** @description Answer at once, perhaps without the newest writes. */
        consistency?: components['parameters']['consistency'];
        /** @description Comma list of the fields to answer; `id` is always among them. */
        fields?: components['parameters']['fields'];
        /** @description Comma list of `field [asc|desc]`; after them by creation, then id. */
        orderBy?: components['parameters']['orderBy'];
        /** @description A page past the end is empty. */
        page?: components['parameters']['page'];
        /** @description For example `name like 'a%' and enabled = 'true'`. */
        search?: components['parameters']['search'];
        /** @description Items on a page; more than 500 counts as 500. */
        size?: components['parameters']['size'];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Role bindings of projects the caller owns */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          'X-Read-Lag-Events': components['headers']['X-Read-Lag-Events'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RoleBindingList'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'roleBindings.create': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RoleBindingCreate'];
      };
    };
    responses: {
      /** @description Grant a role */
      201: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RoleBinding'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'roleBindings.get': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A role binding */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RoleBinding'];
        };
      };
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'roleBindings.delete': {
    parameters: {
      query?: never;
      header?: {
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content?: never;
      };
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'roles.list': {
    parameters: {
      query?: {
        /** @description Answer at once, perhaps without the newest writes. */
        consistency?: components['parameters']['consistency'];
        /** @description Comma list of the fields to answer; `id` is always among them. */
        fields?: components['parameters']['fields'];
        /** @description Comma list of `field [asc|desc]`; after them by creation, then id. */
        orderBy?: components['parameters']['orderBy'];
        /** @description A page past the end is empty. */
        page?: components['parameters']['page'];
        /** @description For example `name like 'a%' and enabled = 'true'`. */
        search?: components['parameters']['search'];
        /** @description Items on a page; more than 500 counts as 500. */
        size?: components['parameters']['size'];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The roles there are */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          'X-Read-Lag-Events': components['headers']['X-Read-Lag-Events'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RoleList'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'schedules.validate': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ScheduleValidate'];
      };
    };
    responses: {
      /** @description Whether an expression and a zone are right, and when they would fire */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ScheduleValidation'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      409: components['responses']['Error409'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.list': {
    parameters: {
      query?: {
        /** @description Answer at once, perhaps without the newest writes. */
        consistency?: components['parameters']['consistency'];
        /** @description Comma list of the fields to answer; `id` is always among them. */
        fields?: components['parameters']['fields'];
        /** @description Comma list of `field [asc|desc]`; after them by creation, then id. */
        orderBy?: components['parameters']['orderBy'];
        /** @description A page past the end is empty. */
        page?: components['parameters']['page'];
        project_id?: components['schemas']['ProjectName'];
        /** @description For example `name like 'a%' and enabled = 'true'`. */
        search?: components['parameters']['search'];
        /** @description Items on a page; more than 500 counts as 500. */
        size?: components['parameters']['size'];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Sessions the caller may see */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          'X-Read-Lag-Events': components['headers']['X-Read-Lag-Events'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionList'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.create': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SessionCreate'];
      };
    };
    responses: {
      /** @description Create a session */
      201: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.get': {
    parameters: {
      query?: {
        as_of?: string;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A session, now or as of an instant */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.delete': {
    parameters: {
      query?: never;
      header?: {
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content?: never;
      };
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.update': {
    parameters: {
      query?: never;
      header?: {
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SessionChanges'];
      };
    };
    responses: {
      /** @description Change a session */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      413: components['responses']['Error413'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.clone': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['SessionClone'];
      };
    };
    responses: {
      /** @description A new session with the same configuration */
      201: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.rename': {
    parameters: {
      query?: never;
      header?: {
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SessionRename'];
      };
    };
    responses: {
      /** @description Rename */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      413: components['responses']['Error413'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.export': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Session, messages and history in one document */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionExport'];
        };
      };
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.history': {
    parameters: {
      query?: {
        after?: number;
        limit?: number;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Events of a session, oldest first */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventList'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.messages': {
    parameters: {
      query?: {
        after_seq?: number;
      };
      header?: {
        /** @description Of a live stream: go on after this message. */
        'Last-Event-ID'?: components['parameters']['lastEventId'];
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Messages: a bare array, or with Accept text/event-stream a live stream */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionMessage'][];
          'text/event-stream': string;
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.addMessage': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SessionMessageCreate'];
      };
    };
    responses: {
      /** @description Append a message */
      201: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionMessage'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.setModel': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SessionModelSet'];
      };
    };
    responses: {
      /** @description Set the model */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.podEvents': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Conditions that the runtime reported, oldest first */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': unknown[];
        };
      };
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.addRepo': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SessionRepoCreate'];
      };
    };
    responses: {
      /** @description Add a repository */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.removeRepo': {
    parameters: {
      query?: never;
      header?: {
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        id: string;
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Remove a repository */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.start': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Start */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.status': {
    parameters: {
      query?: never;
      header?: {
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SessionStatus'];
      };
    };
    responses: {
      /** @description Report of the runtime */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      413: components['responses']['Error413'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.stop': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
        /** @description An ETag: 412 unless the resource still has it. */
        'If-Match'?: components['parameters']['ifMatch'];
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ask to stop */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      412: components['responses']['Error412'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.setWorkflow': {
    parameters: {
      query?: never;
      header?: {
        /** @description Kept 24 h per caller: the same key and body give the same answer and no second effect. */
        'Idempotency-Key'?: components['parameters']['idempotencyKey'];
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SessionWorkflowSet'];
      };
    };
    responses: {
      /** @description Set the workflow */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Session'];
        };
      };
      400: components['responses']['Error400'];
      401: components['responses']['Error401'];
      403: components['responses']['Error403'];
      404: components['responses']['Error404'];
      409: components['responses']['Error409'];
      413: components['responses']['Error413'];
      422: components['responses']['Error422'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  'sessions.workflow': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The workflow */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionWorkflowMetadata'];
        };
      };
      401: components['responses']['Error401'];
      404: components['responses']['Error404'];
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
  version: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Version of the service */
      200: {
        headers: {
          'X-Operation-ID': components['headers']['X-Operation-ID'];
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
      500: components['responses']['Error500'];
      503: components['responses']['Error503'];
      default: components['responses']['Error'];
    };
  };
}
